//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import NIOSSL
import NIOTLS
import Secrets

/// Performs the actions of the connection's state machine.
extension Connection {
    func perform(_ action: Machine.Action) {
        switch action {
        case .writeToClient(let bytes): self.client.write(bytes, promise: nil)
        case .sendToClient(let bytes): self.client.writeAndFlush(bytes, promise: nil)
        case .tellRejection(let rejection): self.tell(rejection)
        case .startClientTLS(let opening): self.startClientTLS(opening)
        case .decide(let startup, let password, let client, let departure):
            self.decide(startup, password, client, departure)
        case .abandonDecision(let departure): departure.finish()
        case .deliverCancel(let key): self.passOnCancel(key)
        case .connect(let upstream, let info): self.connect(to: upstream, info)
        case .sendToUpstream(let link, let bytes): link.channel.writeAndFlush(bytes, promise: nil)
        case .startUpstreamTLS(let link, let upstream): self.startTLS(link, upstream)
        case .giveKey(let key, let upstream): self.giveKey(key, upstream)
        case .tellKey(let key):
            var message = ByteBuffer()
            message.writeBackendKeyData(key)
            self.client.write(message, promise: nil)
        case .forgetKey(let key): self.core.cancels.remove(key)
        case .startRelay(let link, let info, let upstreamBytes, let clientBytes):
            self.startRelay(link, info, upstreamBytes, clientBytes)
        case .cancelStatement(let key): self.cancelStatement(key)
        case .stopRelayToUpstream(let link): link.clientSide.partner = nil
        case .closeUpstreamInput(let link):
            link.channel.flush()
            link.channel.close(mode: .output, promise: nil)
        case .closeLink(let link): link.close()
        case .endSession(let session): session.closed()
        case .setDeadline(let deadline): self.setDeadline(deadline)
        case .cancelDeadline: self.cancelDeadline()
        case .closeClientOutput: self.closeClientOutput()
        case .closeClient(let reason):
            self.client.closeWithoutTLSGoodbye()
            self.logger.debug("client disconnected", metadata: ["gateway.reason": .escaped(reason)])
            self.core.remove(self.id)
        case .log(let line, let error):
            self.logger.debug("\(line)", metadata: error.map { ["gateway.error": .escaped("\($0)")] })
        }
    }

    private func tell(_ rejection: LoginRejection) {
        self.logger.debug(
            "login refused",
            metadata: ["gateway.sqlstate": .escaped(rejection.sqlState), "gateway.reason": .escaped(rejection.message)]
        )
        var message = ByteBuffer()
        message.writeErrorResponse(rejection)
        self.client.write(message, promise: nil)
    }

    private func startClientTLS(_ opening: ClientLogin.TLSOpening) {
        guard let tls = self.core.tls else { return self.handle(.clientClosed(reason: "no TLS")) }
        if case .requested = opening {
            self.client.writeAndFlush(ByteBuffer(bytes: [UInt8(ascii: "S")]), promise: nil)
        }
        let eventLoop = self.eventLoop
        let name = SNIHandler { [weak self] result in
            if case .hostname(let name) = result { self?.handle(.clientNamedServer(name)) }
            return eventLoop.makeSucceededVoidFuture()
        }
        do {
            // At the front, so that they see the bytes before the login does.
            let pipeline = self.client.pipeline.syncOperations
            try pipeline.addHandlers([ByteToMessageHandler(name), NIOSSLServerHandler(context: tls)], position: .first)
            if case .direct(let hello) = opening { pipeline.fireChannelRead(NIOAny(hello)) }
        } catch {
            self.handle(.clientClosed(reason: "TLS could not be set up: \(error)"))
        }
    }

    private func decide(
        _ startup: StartupMessage,
        _ password: Secret,
        _ client: Machine.ClientSide,
        _ departure: AsyncStream<Never>
    ) {
        self.core.hasPassword(self.id)
        self.logger[metadataKey: "gateway.user"] = .quoted(startup.user)
        self.logger[metadataKey: "gateway.database"] = .quoted(startup.database)
        self.logger.trace("password received")
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let job = LoginJob(
            login: GatewayLogin(
                user: startup.user,
                database: startup.database,
                parameters: startup.parameters,
                password: password,
                serverName: client.serverName,
                localAddress: GatewayAddress(self.client.localAddress),
                remoteAddress: GatewayAddress(self.client.remoteAddress),
                isTLS: client.isTLS
            ),
            timeout: self.core.configuration.policyTimeout,
            gone: departure,
            answer: { result in bound.eventLoop.execute { bound.value.handle(.decided(result)) } }
        )
        if case .terminated = self.core.jobSink.yield(job) { self.handle(.decided(.failure(.shuttingDown))) }
    }

    private func closeClientOutput() {
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        let closed = self.eventLoop.makePromise(of: Void.self)
        closed.futureResult.whenComplete { _ in bound.value.handle(.clientOutputDone) }
        self.client.flush()
        self.client.close(mode: .output, promise: closed)
        self.resumeClientReads()
    }
}

extension Channel {
    /// Closes the socket without waiting for the peer's TLS close message.
    func closeWithoutTLSGoodbye() {
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
