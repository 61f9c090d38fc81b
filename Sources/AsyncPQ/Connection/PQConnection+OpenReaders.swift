//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Synchronization

/// What loops over rows and over the data of a COPY leave behind when they are left early.
extension PQConnection {
    /// Ends what a loop has left or is in the middle of, before the session is used for something else.
    ///
    /// A loop that waits for data at this moment goes on.
    func settleReaders() async {
        if let stream = self.session.openStream { await self.settle(stream) }
        if let copy = self.session.copy { await self.settle(copy) }
    }

    /// Ends what a loop has left; one that is not left goes on.
    func settleAbandonedReaders() async {
        if let stream = self.session.openStream, stream.isAbandoned.load(ordering: .sequentiallyConsistent) {
            await self.settle(stream)
        }
        if let copy = self.session.copy, copy.isAbandoned.load(ordering: .sequentiallyConsistent) {
            await self.settle(copy)
        }
    }

    /// Ends what a loop is in the middle of, when the connection is closed, so that callers behind it do not wait for it.
    func closeParkedReaders() {
        if let stream = self.session.openStream { self.closeParked(stream) }
        if let copy = self.session.copy { self.closeParked(copy) }
    }
}
