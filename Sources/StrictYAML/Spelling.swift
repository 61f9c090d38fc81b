//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Finds the word that a misspelt word was meant to be.
enum Spelling {
    /// The word nearest to what was written, if it is near enough.
    static func nearest(to word: String, in words: [String]) -> String? {
        let near = words.map { (word: $0, distance: self.distance(self.plain(word), self.plain($0))) }
            .filter { $0.distance <= max(1, min(word.count, $0.word.count) / 3) }
        return near.min { $0.distance < $1.distance }?.word
    }

    /// The word without differences that people overlook: capitals, underscores, hyphens.
    private static func plain(_ word: String) -> [Character] {
        word.lowercased().filter { $0 != "_" && $0 != "-" }.prefix(64).map { $0 }
    }

    /// The number of letters that were left out, inserted, changed or swapped with their neighbour.
    static func distance(_ left: [Character], _ right: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...right.count)
        for row in left.indices {
            var current = [row + 1]
            for column in right.indices {
                var best = min(last[column] + (left[row] == right[column] ? 0 : 1), last[column + 1] + 1)
                best = min(best, current[column] + 1)
                if row > 0, column > 0, left[row] == right[column - 1], left[row - 1] == right[column] {
                    best = min(best, beforeLast[column - 1] + 1)
                }
                current.append(best)
            }
            (beforeLast, last) = (last, current)
        }
        return last[right.count]
    }
}
