//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension LakebaseClientPool {
    /// The clients of an app's visitors at a moment, and counts since the start.
    ///
    /// Contains no token.
    public struct Statistics: Sendable, Hashable {
        /// Clients, those that are being closed among them; never more than `maximumUsers`.
        public var clients: Int
        /// Clients that a request uses.
        public var active: Int
        /// Clients that no request uses.
        public var idle: Int
        /// Clients that are being closed.
        public var closing: Int
        /// Requests that wait for a place.
        public var waiting: Int
        /// Connections of all clients, open or being opened.
        public var connections: Int
        /// Since the start.
        public var totals: Totals

        /// Counts since the start.
        public struct Totals: Sendable, Hashable {
            /// Clients that were opened.
            public var opened = 0
            /// Clients that were closed to make room for another user.
            public var evicted = 0
            /// Clients that were closed after their idle timeout.
            public var idled = 0
            /// Requests that were given a client.
            public var acquired = 0
            /// Requests that gave up waiting for a place.
            public var timedOut = 0
            /// Requests that were refused because too many waited already.
            public var refused = 0
            /// Requests whose identity was rejected.
            public var rejected = 0
        }
    }
}

extension LakebaseClientPool.Statistics: CustomStringConvertible {
    /// One line, as it stands in the error of a request that waited too long.
    public var description: String {
        "\(self.clients) clients (\(self.active) in use, \(self.idle) idle, \(self.closing) closing) "
            + "with \(self.connections) connections, \(self.waiting) requests waiting"
    }
}
