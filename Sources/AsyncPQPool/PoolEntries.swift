//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The connections of a pool by name.
///
/// The entries are in two arrays: there are few, and comparing their names is cheaper than hashing one.
struct PoolEntries<ID: Equatable, Entry>: Sequence {
    private(set) var keys: [ID] = []
    private(set) var values: [Entry] = []

    func makeIterator() -> Zip2Sequence<[ID], [Entry]>.Iterator { zip(self.keys, self.values).makeIterator() }

    var count: Int { self.keys.count }
    var isEmpty: Bool { self.keys.isEmpty }

    /// Where an entry stands until one is added or removed.
    func index(of id: ID) -> Int? { self.keys.firstIndex(of: id) }

    subscript(at index: Int) -> Entry {
        get { self.values[index] }
        _modify { yield &self.values[index] }
    }

    subscript(id: ID) -> Entry? {
        get { self.index(of: id).map { self.values[$0] } }
        set {
            switch (self.index(of: id), newValue) {
            case (let index?, let entry?): self.values[index] = entry
            case (let index?, nil): self.remove(at: index)
            case (nil, let entry?):
                self.keys.append(id)
                self.values.append(entry)
            case (nil, nil): break
            }
        }
    }

    @discardableResult
    mutating func removeValue(forKey id: ID) -> Entry? {
        self.index(of: id).map { self.remove(at: $0) }
    }

    @discardableResult
    private mutating func remove(at index: Int) -> Entry {
        self.keys.remove(at: index)
        return self.values.remove(at: index)
    }

    mutating func removeAll() {
        self.keys.removeAll()
        self.values.removeAll()
    }
}
