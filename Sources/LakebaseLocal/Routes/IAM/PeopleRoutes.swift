//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

extension WorkspaceRoute {
    /// The caller itself, users, groups, service principals and their client secrets.
    static let people: [WorkspaceRoute] = [
        WorkspaceRoute(
            "/api/2.0/preview/scim/v2/Me", "GET",
            .action(RequestedAction(.readSelf)) { controlPlane, _, caller in controlPlane.me(caller) }),
        WorkspaceRoute(below: "/api/2.0/preview/scim/v2/Users") { method, parts in
            .action(Self.onPrincipals(method)) { controlPlane, context, _ in
                try controlPlane.services.users(parts, context.request)
            }
        },
        WorkspaceRoute(below: "/api/2.0/preview/scim/v2/Groups") { method, parts in
            .action(Self.onPrincipals(method)) { controlPlane, context, _ in
                try controlPlane.services.groups(parts, context.request)
            }
        },
        WorkspaceRoute(below: "/api/2.0/preview/scim/v2/ServicePrincipals") { method, parts in
            .action(Self.onPrincipals(method)) { try $0.services.principal(parts, $1.request, as: $2) }
        },
        WorkspaceRoute(below: "/api/2.0/accounts/servicePrincipals") { method, parts in
            .action(RequestedAction(method == "GET" ? .readSecrets : .changeSecrets)) {
                try $0.services.secret(parts, $1.request, as: $2)
            }
        },
    ]

    private static func onPrincipals(_ method: String) -> RequestedAction {
        RequestedAction(method == "GET" ? .readPrincipals : .changePrincipals)
    }
}
