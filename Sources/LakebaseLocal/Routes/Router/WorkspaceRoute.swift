//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace

/// A route of the workspace's API: a path, and what a request with that path asks for.
///
/// Routes are values without state, so that the server and the tests make their routers from the same list.
struct WorkspaceRoute: Sendable {
    /// Answers a request without a credential.
    typealias OpenAnswer = @Sendable (ControlPlane, WorkspaceContext) async throws -> APIResponse
    /// Answers a request of a caller whose credential and permissions have been checked.
    typealias CallerAnswer = @Sendable (ControlPlane, WorkspaceContext, LocalIdentity) async throws -> APIResponse

    /// What a request asks for, found from its method and path alone.
    enum Target: Sendable {
        /// Something that needs no credential.
        case open(OpenAnswer)
        /// An action that needs a credential and the permission for it.
        case action(RequestedAction, CallerAnswer)
        /// The path exists, with other methods: 405 with or without a credential.
        case wrongMethod(allowed: String)
        /// An API that the service has and this workspace does not: 501 with a credential.
        case notServed
        /// A path below a route that names nothing: 404 with a credential.
        case absent
        /// A path that is in no API: 404 with or without a credential.
        case unknown

        /// The target for a request with one of some methods, and ``wrongMethod(allowed:)`` for any other request.
        func only(_ methods: String..., for method: String) -> Target {
            methods.contains(method) ? self : .wrongMethod(allowed: methods.joined(separator: ", "))
        }
    }

    /// The path of the route.
    let path: String
    /// Whether the paths below ``path`` belong to the route, too.
    let coversPathsBelow: Bool
    /// The longest body of a request with a credential, in bytes.
    let bodyLimit: Int
    private let find: @Sendable (_ method: String, _ rest: String) -> Target?

    /// Creates a route of one path with one method; a request with another method is answered 405.
    init(_ path: String, _ method: String, _ target: Target) {
        self.init(path) { target.only(method, for: $0) }
    }

    /// Creates a route of one path.
    init(_ path: String, target: @escaping @Sendable (_ method: String) -> Target) {
        self.path = path
        self.coversPathsBelow = false
        self.bodyLimit = ControlPlaneServer.bodyLimit
        self.find = { method, _ in target(method) }
    }

    /// Creates a route of a path and all paths below it, where empty parts of a path mean something.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - bodyLimit: The longest body of a request, in bytes.
    ///   - rest: Finds what a request asks for by its method and the rest of its path, without the slash before it and without
    ///     one slash at its end. `nil` leaves the path to no route.
    init(
        prefix path: String, bodyLimit: Int = ControlPlaneServer.bodyLimit,
        rest: @escaping @Sendable (_ method: String, _ rest: String) -> Target?
    ) {
        self.path = path
        self.coversPathsBelow = true
        self.bodyLimit = bodyLimit
        self.find = rest
    }

    /// Creates a route of a path and all paths below it, with every method.
    ///
    /// - Parameters:
    ///   - path: The path.
    ///   - bodyLimit: The longest body of a request, in bytes.
    ///   - parts: Finds what a request asks for by its method and the parts of its path below `path`, without empty parts.
    init(
        below path: String, bodyLimit: Int = ControlPlaneServer.bodyLimit,
        parts: @escaping @Sendable (_ method: String, _ parts: [String]) -> Target
    ) {
        self.init(prefix: path, bodyLimit: bodyLimit) { method, rest in
            parts(method, rest.splitExactly(at: "/").map { String($0) })
        }
    }

    /// What a request asks for that a router gave to `route`, or to no route.
    ///
    /// - Parameter path: The path, percent-decoded and without the query.
    static func target(of route: WorkspaceRoute?, method: String, path: String) -> Target {
        if let route, let rest = route.rest(of: path), let target = route.find(method, rest) { return target }
        return ServiceAPIs.has(path) ? .notServed : .unknown
    }

    private func rest(of path: String) -> String? {
        guard var rest = path.droppingExactly(prefix: self.path)?.utf8 else { return nil }
        if rest.first == UInt8(ascii: "/") { rest = rest.dropFirst() }
        if rest.last == UInt8(ascii: "/") { rest = rest.dropLast() }
        return String(Substring(rest))
    }
}
