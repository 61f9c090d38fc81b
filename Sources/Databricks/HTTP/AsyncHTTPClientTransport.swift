//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

public import AsyncHTTPClient
internal import ExactText
internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import NIOSSL
internal import Secrets
internal import Synchronization

#if canImport(FoundationEssentials)
public import FoundationEssentials
#else
public import Foundation
#endif
#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Sends requests with async-http-client, through the proxies of the environment, to hosts whose certificates it
/// trusts.
public struct AsyncHTTPClientTransport: HTTPTransport {
    private let client: HTTPClient?
    private let proxies: ProxySettings
    private let trust: TrustSettings

    /// Creates a transport.
    ///
    /// - Parameters:
    ///   - client: A client of the program's own, which should not follow redirects and decides about proxies itself.
    ///     By default those of this module are used, which live as long as the process.
    ///   - environment: The variables, of which `HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY` and `NO_PROXY` are used, and
    ///     `SSL_CERT_FILE`, `REQUESTS_CA_BUNDLE` and `CURL_CA_BUNDLE`, the first of which replaces the system's
    ///     certificates, and `SSL_CERT_DIR`, which adds to them.
    public init(client: HTTPClient? = nil, environment: [String: String] = ProcessInfo.processInfo.environment) {
        self.client = client
        self.proxies = client == nil ? ProxySettings(environment: environment) : ProxySettings()
        self.trust = TrustSettings(environment: client == nil ? environment : [:])
    }

    /// The purpose of a client.
    private struct Way: Hashable {
        var proxy: ProxySettings.Server?
        var trust: TrustSettings
    }

    /// One client for each purpose in the process, on the shared event loops.
    private static let shared = Mutex<[Way: HTTPClient]>([:])

    /// The client for a proxy, or for none.
    ///
    /// It is not `HTTPClient.shared`, because that follows redirects, and an answer of another place must not pass for
    /// one of the workspace. Connecting is not retried by it either: ``RetryPolicy`` does that, within its deadline.
    private static func client(_ way: Way) throws(DatabricksError) -> HTTPClient {
        try self.shared.withLock { clients throws(DatabricksError) in
            if let client = clients[way] { return client }
            var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
            configuration.timeout.connect = .seconds(10)
            configuration.connectionPool.retryConnectionEstablishment = false
            configuration.proxy = way.proxy?.configuration
            if let authorities = try way.trust.authorities() {
                var tls = TLSConfiguration.makeClientConfiguration()
                if let roots = authorities.roots { tls.trustRoots = roots }
                if !authorities.others.isEmpty { tls.additionalTrustRoots = [.certificates(authorities.others)] }
                configuration.tlsConfiguration = tls
            }
            let client = HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
            clients[way] = client
            return client
        }
    }

    /// Sends a request and collects the answer.
    public func send(_ request: TransportRequest, maximumBody: Int) async throws(DatabricksError) -> TransportResponse {
        let proxy = try self.proxies.server(for: request.url)
        // Without TLS no certificate is looked at, and files of them are not to be in the way.
        let trust = request.url.startsExactly(with: "http://") ? TrustSettings(environment: [:]) : self.trust
        let client = if let own = self.client { own } else { try Self.client(Way(proxy: proxy, trust: trust)) }
        do {
            return try await self.exchange(request, maximumBody: maximumBody, client: client)
        } catch let error as DatabricksError {
            throw error
        } catch is CancellationError {
            throw DatabricksError(code: .cancelled, message: "the request was cancelled")
        } catch let error as HTTPClientError where error == .cancelled {
            throw DatabricksError(code: .cancelled, message: "the request was cancelled")
        } catch let error as HTTPClientError where Self.isCallersFault(error) {
            throw DatabricksError(
                code: .invalidRequest, message: "the request cannot be sent: \(error.shortDescription)")
        } catch {
            var failure = DatabricksError(code: .connectionFailed, message: "", underlying: error)
            let place = request.url.split(separator: "/").prefix(2).joined(separator: "//")
            let verb = failure.wasNeverSent ? "no connection to" : "lost the connection to"
            let way = proxy.map { " through the proxy \($0.address) (from \($0.variable))" } ?? ""
            failure.message = "\(verb) \(place)\(way): \(Self.words(for: error))"
            if failure.isCertificateRefused {
                failure.message +=
                    "; this machine does not trust the host's certificate, or it is for another name"
                if self.client == nil { failure.message += ": \(self.trust.remedy)" }
            } else if failure.isWithoutTLS {
                failure.message += "; the server does not speak TLS there: check the address and its port"
            }
            throw failure
        }
    }

    private func exchange(
        _ request: TransportRequest, maximumBody: Int, client: HTTPClient
    ) async throws -> TransportResponse {
        var message = HTTPClientRequest(url: request.url)
        message.method = HTTPMethod(rawValue: request.method.rawValue)
        for (name, value) in request.headers { message.headers.add(name: name, value: value) }
        // A request that says nothing of it lets the server, and each proxy, compress the answer.
        message.headers.replaceOrAdd(name: "Accept-Encoding", value: "identity")
        for (name, value) in request.secretHeaders {
            value.withUnsafeValue { message.headers.add(name: name, value: $0) }
        }
        if let body = request.body { message.body = .bytes(body) }
        // The caller limits the time by cancelling, which also ends a body that never does.
        let response = try await client.execute(message, deadline: .distantFuture)
        let status = Int(response.status.code)
        if let length = response.headers.first(name: "Content-Length").flatMap({ Int($0) }), length > maximumBody {
            throw DatabricksError.tooLarge(status: status, limit: maximumBody)
        }
        var body: [UInt8] = []
        for try await chunk in response.body {
            guard body.count + chunk.readableBytes <= maximumBody else {
                throw DatabricksError.tooLarge(status: status, limit: maximumBody)
            }
            body.append(contentsOf: chunk.readableBytesView)
        }
        // A cancelled body ends without an error, and would look complete.
        try Task.checkCancellation()
        return TransportResponse(status: status, headers: response.headers.map { ($0.name, $0.value) }, body: body)
    }

    private static func isCallersFault(_ error: HTTPClientError) -> Bool {
        error == .invalidURL || error == .emptyHost || error == .emptyScheme || error == .alreadyShutdown
            || error.shortDescription.hasPrefix("Invalid header")
    }

    private static func words(for error: any Error) -> String {
        switch error {
        case let error as HTTPClientError: return error.shortDescription
        case let error as IOError: return String(cString: strerror(error.errnoCode))
        case let error as NIOConnectionError:
            let causes = error.connectionErrors.map { "\($0.target): \(self.words(for: $0.error))" }
            return causes.isEmpty ? "the name is not found" : causes.joined(separator: "; ")
        // Their own words name files of the sources that TLS was built from.
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return self.words(forTLS: "\(error)")
        default: return "\(error)"
        }
    }

    private static func words(forTLS text: String) -> String {
        let reason = text.firstMatch(of: /OPENSSL_internal:([A-Z0-9_]+)/).map { " (\($0.1))" } ?? ""
        return "the TLS handshake failed\(reason)"
    }
}

extension DatabricksError {
    /// Whether the connection failed before a request could be sent.
    var wasNeverSent: Bool {
        switch self.underlying {
        case is NIOConnectionError: true
        case let error as HTTPClientError:
            error == .connectTimeout || error == .tlsHandshakeTimeout || error == .httpProxyHandshakeTimeout
                || error == .invalidProxyResponse || error == .proxyAuthenticationRequired
        case let error as IOError: error.errnoCode == ECONNREFUSED
        default: false
        }
    }

    /// Whether a proxy refused the connection, which another attempt does not change.
    var isRefusedByProxy: Bool { (self.underlying as? HTTPClientError) == .proxyAuthenticationRequired }

    /// Whether the peer's certificate was refused, which another attempt does not change.
    var isCertificateRefused: Bool {
        guard let underlying = self.underlying, String(reflecting: type(of: underlying)).hasPrefix("NIOSSL.") else {
            return false
        }
        let words = "\(underlying)"
        return words.contains("CERTIFICATE_VERIFY_FAILED") || words.lowercased().contains("hostname")
    }

    /// Whether the peer speaks something else than TLS, which another attempt does not change.
    var isWithoutTLS: Bool {
        guard let underlying = self.underlying, String(reflecting: type(of: underlying)).hasPrefix("NIOSSL.") else {
            return false
        }
        let words = "\(underlying)"
        return ["WRONG_VERSION_NUMBER", "HTTP_REQUEST", "HTTPS_PROXY_REQUEST"].contains { words.contains($0) }
    }

    static func tooLarge(status: Int, limit: Int) -> DatabricksError {
        DatabricksError(
            code: .responseTooLarge, message: "the answer has more than the \(limit) bytes that are allowed",
            httpStatus: status
        )
    }
}

extension ProxySettings.Server {
    fileprivate var configuration: HTTPClient.Configuration.Proxy {
        switch self.kind {
        case .socks: return .socksServer(host: self.host, port: self.port)
        case .http:
            guard let user = self.user else { return .server(host: self.host, port: self.port) }
            let password = self.password?.withUnsafeValue { $0 } ?? ""
            return .server(
                host: self.host, port: self.port, authorization: .basic(username: user, password: password))
        }
    }
}
