//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import Logging
import NIOCore
import NIOPosix
import NIOSSL

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#elseif canImport(Darwin)
import Darwin
#endif

/// The login at the upstream.
extension Connection {
    func connect(to resolved: ResolvedUpstream) {
        guard let startup = self.startup else { return }
        let upstream = resolved.upstream
        self.phase = .connecting
        self.session = upstream.session
        self.screen = upstream.judge.map { CommandScreen($0) }
        self.target = resolved.withoutPassword
        self.logger.trace("login accepted", metadata: ["gateway.upstream": .escaped("\(upstream.target)")])
        let info = GatewaySessionInfo(
            id: self.id,
            user: startup.user,
            database: startup.database,
            upstreamUser: upstream.user,
            upstreamDatabase: upstream.database,
            upstream: upstream.target.description,
            processID: 0,
            serverName: self.serverName,
            localAddress: self.localAddress,
            remoteAddress: self.remoteAddress,
            isTLS: self.isTLS,
            isOpen: false
        )
        self.info = info
        self.core.update(info)
        do throws(LoginRejection) {
            self.upstreamLogin = try UpstreamLogin(upstream)
        } catch {
            return self.refuse(error)
        }
        let timeout = self.core.configuration.upstreamTimeout
        self.setDeadline(timeout) { connection in
            connection.refuse(
                LoginRejection(
                    sqlState: "08006",
                    message: "the database server at \(info.upstream) did not complete the login within \(timeout)"
                )
            )
        }
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        resolved.connect(
            on: self.eventLoop,
            timeout: TimeAmount(timeout),
            patience: .seconds(2),
            bufferLimit: self.core.configuration.relayBufferLimit
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                try channel.pipeline.syncOperations.addHandler(UpstreamHandler(connection: bound.value))
            }
        }
        .whenComplete { bound.value.connected($0) }
    }

    private func connected(_ result: Result<any Channel, any Error>) {
        switch result {
        case .failure(let error):
            guard case .connecting = self.phase else { return }
            self.refuseUnreachable(error)
        case .success(let channel):
            guard case .connecting = self.phase else { return channel.close(promise: nil) }
            self.upstream = channel
            self.logger.trace("upstream connected")
            self.perform(self.upstreamLogin?.connected() ?? [])
        }
    }

    func upstreamSent(_ bytes: ByteBuffer) {
        guard case .connecting = self.phase else { return }
        self.perform(self.upstreamLogin?.received(bytes) ?? [])
    }

    func upstreamTLSEstablished() {
        guard case .connecting = self.phase, let upstream else { return }
        do {
            try self.target?.verifyIdentity(of: upstream)
        } catch {
            return self.refuseUnreachable(error)
        }
        self.perform(self.upstreamLogin?.tlsEstablished() ?? [])
    }

    func upstreamInputClosed() {
        guard case .connecting = self.phase, self.upstream != nil else { return }
        self.perform(self.upstreamLogin?.closed() ?? [])
    }

    func upstreamFailed(_ error: any Error) {
        guard case .connecting = self.phase else { return }
        if case .uncleanShutdown? = error as? NIOSSLError { return }
        self.refuseUnreachable(error)
    }

    private func perform(_ actions: [UpstreamLogin.Action]) {
        for action in actions {
            guard case .connecting = self.phase else { return }
            switch action {
            case .send(let bytes):
                self.upstream?.writeAndFlush(bytes, promise: nil)
            case .startTLS:
                self.startUpstreamTLS()
            case .forward(let bytes):
                self.client.write(bytes, promise: nil)
            case .key(let key):
                self.tellKey(key)
            case .ready(let rest):
                self.startRelay(upstreamBytes: rest)
            case .end:
                self.logger.debug("the upstream refused the login")
                self.endAfterFlush()
            case .refuse(let refusal):
                self.refuse(refusal)
            }
        }
    }

    private func startUpstreamTLS() {
        do {
            guard let upstream, let handler = try self.target?.makeTLSHandler() else { return }
            try upstream.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            self.refuseUnreachable(error)
        }
    }

    private func refuseUnreachable(_ error: any Error) {
        self.logger.debug("the upstream cannot be reached", metadata: ["gateway.error": .escaped("\(error)")])
        self.refuse(.unreachable(self.info?.upstream ?? "", error))
    }

    /// Replaces the upstream's cancel key by one of ours.
    private func tellKey(_ key: CancelKey?) {
        guard let target else { return }
        // Clients insist on a key; one that opens nothing does no harm.
        let upstreamKey = key ?? CancelKey(processID: Int32(truncatingIfNeeded: self.id & 0x7FFF_FFFF), secret: 0)
        var told = CancelKey(processID: upstreamKey.processID, secret: UInt32.random(in: 0...UInt32.max))
        if key != nil {
            told = self.core.cancels.register(CancelTarget(upstream: target, key: upstreamKey))
            self.clientKey = told
        }
        self.info?.processID = told.processID
        var message = ByteBuffer()
        message.writeBackendKeyData(told)
        self.client.write(message, promise: nil)
    }
}

extension LoginRejection {
    /// The upstream cannot be reached; whether trying again may help decides the SQLSTATE.
    static func unreachable(_ upstream: String, _ error: any Error) -> LoginRejection {
        switch ConnectionTrouble.errnoCode(error) {
        case ECONNREFUSED?, ENOENT?:
            return LoginRejection(
                sqlState: "57P03",
                message: "the database server at \(upstream) is not running or does not accept connections",
                hint: "It may be starting; try again in a moment."
            )
        case EMFILE?, ENFILE?, ENOBUFS?, ENOMEM?:
            return LoginRejection(
                sqlState: "53000",
                message:
                    "the gateway has no file or memory left for a connection to the database server at \(upstream)",
                hint: "Close connections that are not needed, or raise the gateway's limit of open files (ulimit -n)."
            )
        default:
            return LoginRejection(
                sqlState: "08006",
                message: "the connection to the database server at \(upstream) failed: "
                    + ConnectionTrouble.words(error)
            )
        }
    }
}
