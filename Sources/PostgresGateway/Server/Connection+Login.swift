//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import NIOSSL
import NIOTLS
import Secrets

/// The client's part of the login.
extension Connection {
    func clientSent(_ bytes: ByteBuffer) {
        switch self.phase {
        case .login, .deciding, .connecting:
            self.perform(self.login.received(bytes))
        case .ending:
            self.drain(bytes.readableBytes)
        case .cancelling, .relaying, .closed:
            break
        }
    }

    func clientTLSEstablished(_ negotiatedProtocol: String?) {
        self.isTLS = true
        self.logger.trace("TLS established")
        self.perform(self.login.tlsEstablished(negotiatedProtocol: negotiatedProtocol))
    }

    /// The client will send nothing more.
    func clientInputClosed() {
        self.isInputDone = true
        switch self.phase {
        case .login, .deciding, .connecting: self.closeNow("the client left during the login")
        case .ending: if self.isOutputDone { self.closeNow("done") }
        // The request goes on; its end closes the connection.
        case .cancelling: break
        case .relaying, .closed: break
        }
    }

    /// The client's connection is gone.
    func clientClosed() {
        self.closeNow("the client's connection is gone")
    }

    func clientFailed(_ error: any Error) {
        // The peer hung up without TLS's goodbye, which says nothing new: the end of input follows.
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        self.closeNow("the client's connection failed: \(error)")
    }

    func perform(_ actions: [ClientLogin.Action]) {
        for action in actions {
            switch action {
            case .send(let bytes):
                self.client.writeAndFlush(bytes, promise: nil)
            case .startTLS(let opening):
                self.startClientTLS(opening)
            case .authenticate(let startup, let password):
                self.authenticate(startup, password)
            case .cancel(let key):
                self.passOnCancel(key)
            case .refuse(let refusal):
                self.refuse(refusal)
            case .close:
                self.closeNow("the client did not speak the protocol")
            }
        }
    }

    private func startClientTLS(_ opening: ClientLogin.TLSOpening) {
        guard let tls = self.core.tls else { return self.closeNow("no TLS") }
        if case .requested = opening {
            self.client.writeAndFlush(ByteBuffer(bytes: [UInt8(ascii: "S")]), promise: nil)
        }
        let eventLoop = self.eventLoop
        let name = SNIHandler { [weak self] result in
            if case .hostname(let name) = result { self?.serverName = name }
            return eventLoop.makeSucceededVoidFuture()
        }
        do {
            // At the front, so that they see the bytes before the login does.
            let pipeline = self.client.pipeline.syncOperations
            try pipeline.addHandlers([ByteToMessageHandler(name), NIOSSLServerHandler(context: tls)], position: .first)
            if case .direct(let hello) = opening {
                pipeline.fireChannelRead(NIOAny(hello))
            }
        } catch {
            self.closeNow("TLS could not be set up: \(error)")
        }
    }

    private func authenticate(_ startup: StartupMessage, _ password: Secret) {
        self.cancelDeadline()
        self.phase = .deciding
        self.core.hasPassword(self.id)
        self.startup = startup
        self.logger[metadataKey: "gateway.user"] = .quoted(startup.user)
        self.logger[metadataKey: "gateway.database"] = .quoted(startup.database)
        self.logger.trace("password received")
        let (gone, sink) = AsyncStream<Never>.makeStream()
        self.goneSink = sink
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let job = LoginJob(
            login: GatewayLogin(
                user: startup.user,
                database: startup.database,
                parameters: startup.parameters,
                password: password,
                serverName: self.serverName,
                localAddress: self.localAddress,
                remoteAddress: self.remoteAddress,
                isTLS: self.isTLS
            ),
            timeout: self.core.configuration.policyTimeout,
            gone: gone,
            answer: { result in bound.eventLoop.execute { bound.value.decided(result) } }
        )
        if case .terminated = self.core.jobSink.yield(job) { self.refuse(.shuttingDown) }
    }

    /// Goes without lingering, because another one needs the room.
    func evict() {
        switch self.phase {
        case .login:
            for case .refuse(let refusal) in self.login.abandoned(.tooManyLogins) {
                var message = ByteBuffer()
                message.writeErrorResponse(refusal)
                self.client.writeAndFlush(message, promise: nil)
            }
            self.closeNow("too many clients are logging in at once")
        case .cancelling: self.closeNow("too many clients are logging in at once")
        case .deciding, .connecting, .relaying, .ending, .closed: break
        }
    }

    /// The policy has answered.
    private func decided(_ result: Result<ResolvedUpstream, LoginRejection>) {
        self.goneSink = nil
        guard case .deciding = self.phase else {
            if case .success(let resolved) = result { resolved.upstream.session.closed() }
            return
        }
        switch result {
        case .success(let resolved): self.connect(to: resolved)
        case .failure(let refusal): self.refuse(refusal)
        }
    }
}
