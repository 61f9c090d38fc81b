//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore

/// Bytes flow.
extension Connection {
    func startRelay(upstreamBytes: ByteBuffer) {
        guard let upstream else { return }
        self.cancelDeadline()
        self.phase = .relaying
        let clientSide = RelayHandler(side: .client, isTLS: self.isTLS, connection: self)
        let upstreamSide = RelayHandler(side: .upstream, isTLS: self.target?.tls != nil, connection: self)
        clientSide.partner = upstreamSide
        upstreamSide.partner = clientSide
        self.clientRelay = clientSide
        self.upstreamRelay = upstreamSide
        do {
            let clientPipeline = self.client.pipeline.syncOperations
            let upstreamPipeline = upstream.pipeline.syncOperations
            // Added behind the login's handlers, which then leave, so that no event falls between them.
            try clientPipeline.addHandler(clientSide)
            try upstreamPipeline.addHandler(upstreamSide)
            clientPipeline.removeHandler(try clientPipeline.handler(type: LoginHandler.self), promise: nil)
            upstreamPipeline.removeHandler(try upstreamPipeline.handler(type: UpstreamHandler.self), promise: nil)
        } catch {
            return self.closeNow("the relay could not be set up: \(error)")
        }
        // Before the client hears that it may begin: what it does then finds its session.
        self.open()
        if upstreamBytes.readableBytes > 0 { clientSide.write(NIOAny(upstreamBytes)) }
        self.client.flush()
        guard let pipelined = self.screened(self.login.takePipelinedBytes()) else { return }
        if pipelined.readableBytes > 0 {
            upstreamSide.write(NIOAny(pipelined))
            upstream.flush()
        }
        self.resumeClientReads()
        upstream.read()
    }

    private func open() {
        guard var info = self.info else { return }
        info.isOpen = true
        self.info = info
        self.core.update(info)
        self.logger.debug(
            "session opened",
            metadata: ["gateway.upstream": .escaped(info.upstream), "gateway.pid": "\(info.processID)"]
        )
        self.lastTick = self.clock.now()
        self.session?.opened(info)
        self.session?.activity()
    }

    /// Bytes went through.
    func touch() {
        let tick = self.clock.now()
        guard tick != self.lastTick else { return }
        self.lastTick = tick
        self.session?.activity()
    }

    func discarded(_ count: Int, from side: RelayHandler.Side) {
        if case .ending = self.phase, side == .client { self.drain(count) }
    }

    /// A side will send nothing more.
    func relayInputClosed(_ side: RelayHandler.Side) {
        switch side {
        case .client:
            self.isInputDone = true
            switch self.phase {
            case .relaying:
                // The server finishes what it does, answers, and hangs up.
                self.upstream?.flush()
                self.upstream?.close(mode: .output, promise: nil)
            case .ending:
                if self.isOutputDone { self.closeNow("done") }
            case .login, .cancelling, .deciding, .connecting, .closed:
                break
            }
        case .upstream:
            guard case .relaying = self.phase else { return }
            if self.isTerminating {
                var goodbye = ByteBuffer()
                goodbye.writeErrorResponse(.administratorCommand)
                self.client.write(goodbye, promise: nil)
            }
            self.logger.debug("the upstream ended the session")
            self.endAfterFlush()
        }
    }

    /// A side's connection is gone.
    func relayClosed(_ side: RelayHandler.Side) {
        switch side {
        case .client: self.closeNow("the client's connection is gone")
        case .upstream: self.relayInputClosed(.upstream)
        }
    }

    func relayFailed(_ side: RelayHandler.Side, _ error: any Error) {
        switch side {
        case .client: self.closeNow("the client's connection failed: \(error)")
        case .upstream:
            self.logger.debug("the upstream's connection failed", metadata: ["gateway.error": .escaped("\(error)")])
            self.relayInputClosed(.upstream)
        }
    }
}
