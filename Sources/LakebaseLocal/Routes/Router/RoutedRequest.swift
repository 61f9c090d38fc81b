//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import HTTPTypes
import Hummingbird

/// A request in the form in which the router compares it.
///
/// The router compares text as Unicode does, and leaves out empty parts of a path. A path is therefore decoded once and encoded
/// again in ASCII, where two texts are equal only if their bytes are, with a placeholder for each empty part.
enum RoutedRequest {
    /// The placeholder of an empty part: a percent sign alone, which encoding never produces.
    static let emptyPart = "%"
    /// The method under which a route is registered for every method that the router does not know.
    static let otherMethod: HTTPRequest.Method? = .init("OTHER")
    /// The methods that the router knows.
    static let methods: [HTTPRequest.Method] = [.get, .post, .put, .patch, .delete]
    /// The methods under which each route is registered.
    static let allMethods = Self.methods + [Self.otherMethod].compactMap(\.self)

    /// Replaces the path and the method of a request by those that the router compares.
    ///
    /// - Parameter path: The path, percent-decoded.
    static func of(_ request: Request, path: String) -> Request {
        var head = request.head
        head.path = Self.path(path)
        if !Self.methods.contains(head.method), let other = Self.otherMethod { head.method = other }
        return Request(head: head, body: request.body)
    }

    /// Encodes a decoded path as the router compares it.
    static func path(_ decoded: String) -> String {
        // Without a slash at its beginning it is no path of the workspace.
        guard let rest = decoded.droppingExactly(prefix: "/") else { return "/" + Self.emptyPart }
        let parts = rest.splitExactly(at: "/", omittingEmptySubsequences: false)
        return "/"
            + parts.map { $0.utf8.isEmpty ? Self.emptyPart : Self.encoded($0) }.joined(separator: "/")
    }

    private static func encoded(_ part: Substring) -> String {
        let digits = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in part.utf8 {
            switch byte {
            case UInt8(ascii: "%"), UInt8(ascii: "?"), UInt8(ascii: "#"), ...0x20, 0x7F...:
                bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
