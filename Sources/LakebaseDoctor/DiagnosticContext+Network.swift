//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Lakebase
import NIOCore
import NIOSSL

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The checks of the network, from name resolution to TLS. No user name is sent, so no compute is woken.
extension DiagnosticContext {
    func resolve(_ configuration: LakebaseConfiguration) async -> CheckResult {
        if !configuration.usesTokens, !configuration.additionalHosts.isEmpty {
            return await self.resolve(configuration.connection(host: self.host ?? "", username: "nobody").hosts)
        }
        guard let host else { return .blocked(by: .host, "the host is not known") }
        if host.hasPrefix("/") {
            self.sockets = [.folder(host, port: configuration.port)]
            return .notNeeded("\(host) is the folder of a Unix socket")
        }
        if let address = configuration.hostAddress {
            self.sockets = [.address(address, port: configuration.port)]
            return .ok("\(host) is not looked up: the address \(address) is configured")
        }
        do {
            let addresses = try await NameResolver.resolve(host, deadline: .now + .seconds(5))
            self.sockets = addresses.map { .address($0, port: configuration.port) }
            if addresses == [host] { return .ok("\(host) is an address itself") }
            return .ok("\(host) is \(addresses.joined(separator: ", "))")
        } catch {
            return self.result(error, .hostNotFound)
        }
    }

    /// Looks up several servers, of which one that is found is enough.
    private func resolve(_ hosts: [PQConnection.Configuration.Host]) async -> CheckResult {
        var words: [String] = []
        var failure: (any Error)?
        self.sockets = []
        for host in hosts {
            if host.name.hasPrefix("/"), host.address == nil {
                self.sockets.append(.folder(host.name, port: host.port))
                words.append("\(host.name) is the folder of a Unix socket")
                continue
            }
            do {
                let addresses = try await NameResolver.resolve(host.address ?? host.name, deadline: .now + .seconds(5))
                self.sockets += addresses.map { .address($0, port: host.port) }
                words.append("\(host.name) is \(addresses.joined(separator: ", "))")
            } catch {
                failure = error
                words.append("\(host.name): \(error)")
            }
        }
        if self.sockets.isEmpty, let failure { return self.result(failure, .hostNotFound) }
        return .ok(words.joined(separator: "; "))
    }

    func reach(_ configuration: LakebaseConfiguration) async -> CheckResult {
        var refusals: [String] = []
        // All of them within the time of the step, so that each is named.
        let limit = Duration.seconds(6) / max(1, self.sockets.count)
        for (index, socket) in self.sockets.enumerated() {
            let begin = ContinuousClock.now
            do {
                let channel = try await socket.connect(within: limit)
                let time = begin.duration(to: .now)
                try? await channel.close()
                self.sockets.swapAt(0, index)
                return .ok("\(socket) accepts connections, in \(time.shortText)", evidence: refusals)
            } catch {
                refusals.append("\(socket): \(socketWords(error))")
            }
        }
        let text =
            self.sockets.count == 1
            ? "\(self.sockets[0]) does not accept connections"
            : "no address of \(self.host ?? "the host") accepts connections"
        guard configuration.isUnconfigured else {
            return .problem(.failure, .computeUnreachable, text, evidence: refusals)
        }
        return .problem(
            .failure, .nothingConfigured,
            "nothing is configured, and the PostgreSQL of this machine does not accept connections",
            evidence: refusals)
    }

    func negotiate(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard let host, let socket = self.sockets.first else { return .blocked(by: .tcp, "the host is not known") }
        if case .folder = socket { return .notNeeded("libpq uses no TLS on a Unix socket") }
        let mode = configuration.tls
        if mode == .disable { return TLSCheck.switchedOff(isLocal: socket.isLocal) }
        let probe = TLSProbe(
            socket: socket, serverName: NameResolver.isNumeric(host) ? nil : host, limit: .seconds(3))
        do {
            let seen = try await probe.handshake(trusting: .any)
            let (authorities, words) = Self.authorities(configuration)
            let trust: TLSCheck.Trust =
                seen.version == nil ? .trusted : await Self.trust(probe, authorities)
            return TLSCheck(
                host: host, mode: mode, hasAuthorities: configuration.rootCertificate != nil, authorities: words,
                version: seen.version, certificate: seen.certificate, trust: trust, isLocal: socket.isLocal,
                now: Date()
            ).result
        } catch {
            return .problem(
                .failure, .serverNotTrusted, "TLS with \(socket) could not be set up: \(socketWords(error))",
                remedy: "check which service answers at that port")
        }
    }

    /// Where libpq takes its authorities from, in the order in which it looks.
    private static func authorities(
        _ configuration: LakebaseConfiguration
    ) -> (TLSProbe.Authorities, words: String) {
        if let file = configuration.rootCertificate { return (.file(file), "the file \(file)") }
        let login = configuration.connection(host: "localhost", username: "nobody")
        switch login.trustedCertificates {
        case nil:
            let home = ProcessInfo.processInfo.environment["HOME"] ?? "~"
            return (.file("\(home)/.postgresql/root.crt"), "the file \(home)/.postgresql/root.crt")
        case "system": return (.system, "this system's authorities")
        case let file?: return (.file(file), "this system's authorities")
        }
    }

    private static func trust(_ probe: TLSProbe, _ authorities: TLSProbe.Authorities) async -> TLSCheck.Trust {
        do {
            _ = try await probe.handshake(trusting: authorities)
            return .trusted
        } catch let error as NIOSSLError {
            if case .handshakeFailed = error { return .untrusted("its chain cannot be verified") }
            return .noAuthorities("\(error)")
        } catch {
            return .noAuthorities(socketWords(error))
        }
    }
}
