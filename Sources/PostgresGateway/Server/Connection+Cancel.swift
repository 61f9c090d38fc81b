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

/// Cancel requests: those of clients, and those of sessions that have to end.
extension Connection {
    /// Forwards a cancel request, and closes its connection after the delivery, as PostgreSQL does.
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

    /// Cancels the statement that the session with this key runs at the upstream.
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

    /// Sends the upstream its own key, and calls `finished` when the upstream has closed the connection or could not be
    /// reached.
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
