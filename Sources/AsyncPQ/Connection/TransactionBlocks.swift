//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// The open nested transactions, the innermost last.
struct TransactionBlocks {
    /// A nested transaction: its savepoint, and the values to restore.
    struct Block: Sendable {
        fileprivate let id: UInt64
        let savepoint: String
        /// The search path outside of the block, where it is that of another block.
        let outerSearchPath: String?
        /// Settings with their values outside of the block, in the order in which to restore them.
        var before: [(name: String, value: String?)] = []
    }

    private var open: [Block] = []
    private var lastID: UInt64 = 0
    /// The search path that a block has set for itself; nil for the session's own.
    var searchPath: String?

    var isEmpty: Bool { self.open.isEmpty }

    /// A block within those that are open.
    mutating func begin() -> Block {
        self.lastID += 1
        let block = Block(
            id: self.lastID, savepoint: "lakebase_\(self.open.count + 1)", outerSearchPath: self.searchPath)
        self.open.append(block)
        return block
    }

    func isInnermost(_ block: Block) -> Bool { self.open.last?.id == block.id }

    /// Ends a block with all inner ones; returns false where it had ended already.
    mutating func end(_ block: Block) -> Bool {
        guard let index = self.open.firstIndex(where: { $0.id == block.id }) else { return false }
        self.open.removeSubrange(index...)
        self.searchPath = block.outerSearchPath
        return true
    }

    /// Forgets all blocks: the whole transaction is over.
    mutating func endAll() {
        self.open.removeAll()
        self.searchPath = nil
    }
}
