//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Which socket of a loop a descriptor belongs to.
///
/// When a connection fails, libpq closes its socket before this library hears of the failure. Until then the system may have given the
/// same number to the next connection of the loop, which must not be forgotten in the place of the one that failed.
struct DescriptorOwners {
    private var owners: [Int32: SocketTable.Token] = [:]

    /// Notes that the descriptor belongs to that socket from now on.
    mutating func take(_ descriptor: Int32, for token: SocketTable.Token) { self.owners[descriptor] = token }

    /// Ends the ownership; returns false where the descriptor belongs to another socket or to none.
    @discardableResult
    mutating func release(_ descriptor: Int32, of token: SocketTable.Token) -> Bool {
        guard self.owners[descriptor] == token else { return false }
        self.owners[descriptor] = nil
        return true
    }
}
