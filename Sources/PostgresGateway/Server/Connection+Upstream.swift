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

/// The connection to the upstream.
extension Connection {
    func connect(to upstream: ResolvedUpstream, _ info: GatewaySessionInfo) {
        self.logger.trace("login accepted", metadata: ["gateway.upstream": .escaped("\(upstream.target)")])
        self.core.update(info)
        let bound = NIOLoopBound(self, eventLoop: self.eventLoop)
        upstream.connect(
            on: self.eventLoop,
            timeout: TimeAmount(self.core.configuration.upstreamTimeout),
            patience: .seconds(2),
            bufferLimit: self.core.configuration.relayBufferLimit
        ) { channel in
            channel.eventLoop.makeCompletedFuture {
                let handler = UpstreamHandler(connection: bound.value, upstream: upstream)
                try channel.pipeline.syncOperations.addHandler(handler)
            }
        }
        .whenComplete { result in
            let connection = bound.value
            switch result {
            case .failure(let error): connection.handle(.upstreamFailed(error))
            case .success(let channel):
                connection.logger.trace("upstream connected")
                let link = UpstreamLink(channel, upstream, isClientTLS: info.isTLS, of: connection)
                connection.handle(.upstreamConnected(link))
            }
        }
    }

    func startTLS(_ link: UpstreamLink, _ upstream: ResolvedUpstream) {
        do {
            guard let handler = try upstream.makeTLSHandler() else { return }
            try link.channel.pipeline.syncOperations.addHandler(handler, position: .first)
        } catch {
            self.handle(.upstreamFailed(error))
        }
    }

    /// Replaces the upstream's cancel key by one of the gateway's own.
    func giveKey(_ upstreamKey: CancelKey?, _ upstream: ResolvedUpstream) {
        if let upstreamKey {
            let key = self.core.cancels.register(CancelTarget(upstream: upstream, key: upstreamKey))
            self.handle(.keyGiven(key, isRegistered: true))
        } else {
            // Clients insist on a key; one that cancels nothing does no harm.
            let processID = Int32(truncatingIfNeeded: self.id & 0x7FFF_FFFF)
            let key = CancelKey(processID: processID, secret: UInt32.random(in: 0...UInt32.max))
            self.handle(.keyGiven(key, isRegistered: false))
        }
    }

    func startRelay(
        _ link: UpstreamLink,
        _ info: GatewaySessionInfo,
        _ upstreamBytes: ByteBuffer,
        _ clientBytes: ByteBuffer
    ) {
        do {
            let clientPipeline = self.client.pipeline.syncOperations
            let upstreamPipeline = link.channel.pipeline.syncOperations
            // Added behind the login's handlers, which then leave, so that no event falls between them.
            try clientPipeline.addHandler(link.clientSide)
            try upstreamPipeline.addHandler(link.upstreamSide)
            clientPipeline.removeHandler(try clientPipeline.handler(type: LoginHandler.self), promise: nil)
            upstreamPipeline.removeHandler(try upstreamPipeline.handler(type: UpstreamHandler.self), promise: nil)
        } catch {
            return self.handle(.clientClosed(reason: "the relay could not be set up: \(error)"))
        }
        // Before the client hears that it may begin: what it does then finds its session.
        self.core.update(info)
        self.logger.debug(
            "session opened",
            metadata: ["gateway.upstream": .escaped(info.upstream), "gateway.pid": "\(info.processID)"]
        )
        link.activity.begin(info)
        if upstreamBytes.readableBytes > 0 { link.clientSide.write(NIOAny(upstreamBytes)) }
        self.client.flush()
        guard let passed = link.clientSide.screened(clientBytes) else { return }
        if passed.readableBytes > 0 {
            link.upstreamSide.write(NIOAny(passed))
            link.channel.flush()
        }
        self.resumeClientReads()
        link.channel.read()
    }
}

extension LoginRejection {
    /// The rejection when the upstream cannot be reached; its SQLSTATE depends on whether trying again may help.
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
                    "the gateway has no file descriptor or memory left for a connection to the database server at \(upstream)",
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
