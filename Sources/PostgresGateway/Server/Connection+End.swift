//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import NIOSSL

/// How a connection ends.
///
/// A socket that is closed while it has unread bytes makes the kernel send a reset, and a reset can overtake the error the
/// client should see. So the end has steps: write the error, shut down our direction, read and drop what the client still
/// sends until it hangs up, all within bounds, and only then close.
extension Connection {
    /// How long a client may take to read its last bytes.
    private static let flushLimit = Duration.seconds(30)

    /// How long and how much is read from a client that has been told goodbye.
    private static let drainLimit = Duration.seconds(1)
    private static let maximumDrainedBytes = 1024 * 1024

    /// Tells the client why, and goes.
    func refuse(_ refusal: LoginRejection) {
        switch self.phase {
        case .ending, .closed: return
        case .login, .cancelling, .deciding, .connecting, .relaying: break
        }
        self.logger.debug(
            "login refused",
            metadata: ["gateway.sqlstate": .escaped(refusal.sqlState), "gateway.reason": .escaped(refusal.message)]
        )
        var message = ByteBuffer()
        message.writeErrorResponse(refusal)
        self.client.write(message, promise: nil)
        self.endAfterFlush()
    }

    /// Lets go of the upstream, and of the client once it has read what is written.
    func endAfterFlush() {
        self.phase = .ending
        self.clientRelay?.partner = nil
        self.releaseUpstream()
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let shutDown = self.eventLoop.makePromise(of: Void.self)
        shutDown.futureResult.whenComplete { _ in bound.value.outputDone() }
        self.setDeadline(Self.flushLimit) { $0.closeNow("the client did not read the end") }
        self.client.flush()
        self.client.close(mode: .output, promise: shutDown)
        self.resumeClientReads()
        self.clientRelay?.resumeReading()
    }

    private func outputDone() {
        guard case .ending = self.phase else { return }
        self.isOutputDone = true
        if self.isInputDone { return self.closeNow("done") }
        self.setDeadline(Self.drainLimit) { $0.closeNow("the client did not hang up") }
    }

    /// Drops bytes that come after the goodbye.
    func drain(_ count: Int) {
        self.drainedBytes += count
        if self.drainedBytes > Self.maximumDrainedBytes { self.closeNow("the client would not stop sending") }
    }

    /// Closes both sides at once and tells those that have to know.
    func closeNow(_ reason: String) {
        if case .closed = self.phase { return }
        self.phase = .closed
        self.cancelDeadline()
        self.goneSink?.finish()
        self.goneSink = nil
        self.clientRelay?.partner = nil
        self.releaseUpstream()
        self.client.closeWithoutTLSGoodbye()
        self.logger.debug("client disconnected", metadata: ["gateway.reason": .escaped(reason)])
        self.core.remove(self.id)
    }

    /// Closes the upstream and ends the session.
    private func releaseUpstream() {
        self.goneSink?.finish()
        self.goneSink = nil
        if let key = self.clientKey {
            self.core.cancels.remove(key)
            self.clientKey = nil
        }
        self.upstreamRelay?.partner = nil
        self.upstreamRelay = nil
        self.upstream?.closeWithoutTLSGoodbye()
        self.upstream = nil
        self.upstreamLogin = nil
        if let session = self.session {
            self.session = nil
            session.closed()
        }
    }

    /// Ends the connection from outside.
    ///
    /// An error may be written only between two messages of the upstream, and the relay does not know where they end. So
    /// the upstream is asked to stop: its statement is cancelled and its input ends, upon which it finishes its answer and
    /// hangs up. Then the client gets 57P01. If that takes longer than the grace, both sides are closed without a word.
    func terminate() {
        switch self.phase {
        case .login, .deciding, .connecting:
            self.refuse(.administratorCommand)
        case .cancelling:
            self.closeNow("the gateway stops")
        case .relaying:
            guard !self.isTerminating else { return }
            self.isTerminating = true
            self.setDeadline(self.core.configuration.shutdownGrace) { $0.closeNow("the grace is over") }
            self.cancelOwnStatement()
            self.clientRelay?.partner = nil
            self.upstream?.flush()
            self.upstream?.close(mode: .output, promise: nil)
        case .ending:
            self.setDeadline(min(Self.drainLimit, self.core.configuration.shutdownGrace)) {
                $0.closeNow("the gateway stops")
            }
        case .closed:
            break
        }
    }
}

extension Channel {
    /// Closes the socket without waiting for the peer's part of TLS's goodbye.
    fileprivate func closeWithoutTLSGoodbye() {
        let pipeline = self.pipeline.syncOperations
        if let context = try? pipeline.context(handlerType: NIOSSLServerHandler.self) {
            context.close(promise: nil)
        } else if let context = try? pipeline.context(handlerType: NIOSSLClientHandler.self) {
            context.close(promise: nil)
        } else {
            self.close(promise: nil)
        }
    }
}
