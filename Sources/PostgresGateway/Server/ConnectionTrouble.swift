//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

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

/// Describes an error of a connection for the client, without type names of this program.
enum ConnectionTrouble {
    /// The description, which completes "failed:".
    static func words(_ error: any Error) -> String {
        if let identity = error as? ServerIdentity { return identity.description }
        if let code = Self.errnoCode(error) { return Self.words(errno: code) }
        switch error {
        case is NIOConnectionError: return "its name could not be resolved, or no address answered"
        case let error as ChannelError: return Self.words(error)
        case let error as NIOSSLError: return Self.words(error)
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return "its certificate is not for this name"
        case is NIOSSLExtraError, is BoringSSLError: return "the TLS connection broke"
        case SocketAddressError.unixDomainSocketPathTooLong: return "the path of its socket is too long"
        case is SocketAddressError: return "its name could not be resolved"
        default: return "an error without a name here; the gateway's log has it at level debug"
        }
    }

    /// The system's error number behind an error.
    static func errnoCode(_ error: any Error) -> CInt? {
        if let error = error as? IOError { return error.errnoCode }
        return ((error as? NIOConnectionError)?.connectionErrors.first?.error as? IOError)?.errnoCode
    }

    /// Whether this process or the server only lacks a resource at the moment, so that trying again may help.
    static func isShortage(_ error: any Error) -> Bool {
        switch Self.errnoCode(error) {
        case EMFILE?, ENFILE?, ENOBUFS?, ENOMEM?, EAGAIN?: true
        default: false
        }
    }

    private static func words(errno code: CInt) -> String {
        guard let text = strerror(code) else { return "error \(code)" }
        return String(cString: text)
    }

    private static func words(_ error: ChannelError) -> String {
        switch error {
        case .connectTimeout: "it did not answer in time"
        case .ioOnClosedChannel, .alreadyClosed, .outputClosed, .inputClosed, .eof: "the connection was closed"
        default: "the connection could not be used"
        }
    }

    private static func words(_ error: NIOSSLError) -> String {
        switch error {
        case .handshakeFailed(let reason):
            // The library offers no other way to determine the cause.
            "\(reason)".contains("CERTIFICATE_VERIFY_FAILED")
                ? "its certificate could not be verified" : "the TLS handshake failed"
        case .noCertificateToValidate, .unableToValidateCertificate: "its certificate could not be verified"
        case .uncleanShutdown: "it hung up"
        default: "the TLS connection broke"
        }
    }
}
