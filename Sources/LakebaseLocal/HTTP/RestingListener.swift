//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import PostgresGateway

/// Pauses the listener of an HTTP server while the process has no file descriptor left for another connection.
///
/// The framework has no such rest: its event loop would do nothing but fail to accept the connection, and take a
/// processor for it.
enum RestingListener {
    /// Enables pausing of `channel`; called when it has started to listen.
    static func prepare(_ channel: any Channel, logger: Logger) async {
        let added = channel.eventLoop.submit {
            // Before what hands the connections on, which would take the error for the end.
            try channel.pipeline.syncOperations.addHandler(
                AcceptBackoff(logger: logger, prefix: "http"), position: .first)
        }
        do {
            try await added.get()
        } catch {
            // It has been closed meanwhile.
            logger.debug("A listener that is closed cannot rest", metadata: ["error.message": "\(error)"])
        }
    }
}
