//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Refuses documents that would be too expensive for the parser.
///
/// Yams builds values by recursion, and hashes keys by recursion too: deep nesting would end in a stack overflow, and
/// aliases that multiply each other in hours of hashing. Both are looked for in the text beforehand; the search sees
/// more than there is (it knows neither quotes nor comments), never less.
enum YAMLLimits {
    /// How deep lists and mappings may be nested, in brackets or by indentation.
    static let depth = 100

    /// How many possible aliases are left to the parser, which distinguishes an alias from text that looks like one.
    ///
    /// Where each of as many stands twice beside the one before, that is 16 times the file.
    static let possibleAliases = 8

    static func problem(in text: String) -> YAMLProblem? {
        if let problem = self.nesting(in: text.unicodeScalars) { return problem }
        let aliases = self.possibleAliases(in: text)
        return aliases.count > self.possibleAliases ? aliases.first : nil
    }

    private static func nesting(in text: String.UnicodeScalarView) -> YAMLProblem? {
        var place = YAMLPlace.start
        var brackets = 0
        var indentation = 0
        var isIndentation = true
        for character in text {
            switch character {
            case "\n", "\r", "\u{85}", "\u{2028}", "\u{2029}":
                if character != "\r" { place.line += 1 }
                place.column = 0
                indentation = 0
                isIndentation = true
            case "[", "{":
                brackets += 1
                isIndentation = false
            case "]", "}":
                brackets = max(0, brackets - 1)
                isIndentation = false
            case " ", "-", "?", ":", "\t":
                if isIndentation { indentation += 1 }
            default:
                isIndentation = false
            }
            if brackets > self.depth || indentation > 2 * self.depth {
                return YAMLProblem(.syntax, at: place, "the file is nested too deeply")
            }
            place.column += 1
        }
        return nil
    }

    /// Finds text that may be an alias whose anchor is somewhere in the file; an alias without an anchor is an error of
    /// the parser.
    static func possibleAliases(in text: String) -> [YAMLProblem] {
        let anchors = Set(self.names(after: "&", in: text).map(\.name))
        guard !anchors.isEmpty else { return [] }
        return self.names(after: "*", in: text).filter { anchors.contains($0.name) }.map { alias in
            YAMLProblem(
                .syntax, at: alias.place,
                "anchors and aliases (&\(alias.name), *\(alias.name)) are not read here; write the value out")
        }
    }

    private static func names(after sign: Unicode.Scalar, in text: String) -> [(name: Substring, place: YAMLPlace)] {
        var found: [(name: Substring, place: YAMLPlace)] = []
        for (index, line) in text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated() {
            var previous: Unicode.Scalar = " "
            for (column, position) in line.unicodeScalars.indices.enumerated() {
                let character = line.unicodeScalars[position]
                if character == sign, !self.isNamePart(previous) {
                    let name = line.unicodeScalars[line.unicodeScalars.index(after: position)...]
                        .prefix(while: self.isNamePart)
                    if !name.isEmpty {
                        found.append((Substring(name), YAMLPlace(line: index + 1, column: column + 1)))
                    }
                }
                previous = character
            }
        }
        return found
    }

    /// Whether libyaml accepts a character in the name of an anchor.
    private static func isNamePart(_ character: Unicode.Scalar) -> Bool {
        switch character {
        case "a"..."z", "A"..."Z", "0"..."9", "_", "-": true
        default: false
        }
    }
}
