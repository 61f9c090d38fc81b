//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// Cancel requests: the client's own, and those of a session that has to end.
extension Connection {
    /// Passes a cancel request on; its connection is closed when it has been delivered, as PostgreSQL does it, so that
    /// a client that waits for that knows that its next statement is safe.
    func passOnCancel(_ key: CancelKey) {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let isKnown = self.core.cancels.request(
            key,
            CancelRegistry.Request(
                send: { target, finished in
                    bound.eventLoop.execute { bound.value.deliverCancel(target, finished) }
                },
                done: { bound.eventLoop.execute { bound.value.handle(.cancelFinished) } }
            )
        )
        // Hangs up as after any other request.
        if !isKnown { self.handle(.cancelFinished) }
    }

    /// Cancels what the session with this key does at the upstream.
    func cancelStatement(_ key: CancelKey) {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        _ = self.core.cancels.request(
            key,
            CancelRegistry.Request(
                send: { target, finished in
                    bound.eventLoop.execute { bound.value.deliverCancel(target, finished) }
                },
                done: {}
            )
        )
    }

    /// Sends the upstream its own key and calls `finished` when the upstream has hung up or could not be reached.
    private func deliverCancel(_ target: CancelTarget, _ finished: @escaping @Sendable () -> Void) {
        let timeout = TimeAmount(self.core.configuration.loginTimeout)
        let logger = self.logger
        target.upstream.connect(
            on: self.eventLoop,
            timeout: timeout,
            patience: timeout,
            bufferLimit: self.core.configuration.relayBufferLimit
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(CancelHandler(target: target))
                // The server says nothing and hangs up.
                try channel.syncOptions?.setOption(.allowRemoteHalfClosure, value: false)
            }
        }
        .whenComplete { result in
            switch result {
            case .failure(let error):
                logger.debug(
                    "a cancel request could not be delivered",
                    metadata: ["gateway.error": .escaped("\(error)"), "gateway.upstream": "\(target.upstream.target)"]
                )
                finished()
            case .success(let channel):
                let limit = channel.eventLoop.scheduleTask(in: timeout) { channel.close(promise: nil) }
                channel.closeFuture.whenComplete { _ in
                    limit.cancel()
                    finished()
                }
            }
        }
    }
}
