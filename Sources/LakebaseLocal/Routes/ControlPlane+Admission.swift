//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ExactText
import LocalWorkspace

/// What is decided of a request by its head, before a byte of its body is kept.
enum RequestAdmission: Sendable {
    /// It is answered at once.
    case refused(APIResponse)
    /// It needs no credential in its head; its body can be so long.
    case open(bodyLimit: Int)
    /// Its credential is good; its body can be so long.
    case known(LocalIdentity, bodyLimit: Int)
}

extension ControlPlane {
    /// The longest body of a request that needs no credential in its head: a form.
    static let formLimit = 64 * 1024
    /// The longest body of JSON in bytes; what is longer goes to a file.
    static let memoryLimit = 32 << 20

    /// Looks at a request whose body has not been read.
    func admit(_ request: APIRequest) async -> RequestAdmission {
        do {
            switch Route.find(method: request.method, path: request.path) {
            case .hostMetadata, .authorizationServer, .keySet, .token, .authorize, .unknown, .wrongMethod:
                return .open(bodyLimit: Self.formLimit)
            case .me, .postgresCredentials, .databaseCredentials, .postgres, .databaseInstances, .databaseInstanceByUID,
                .databaseInstance, .databaseInstanceRoles, .databaseInstanceRole, .databaseExtras, .projectPermissions,
                .localStatus, .notServed:
                return .known(try await self.permitted(request), bodyLimit: ControlPlaneServer.bodyLimit)
            }
        } catch let failure as APIFailure {
            return .refused(failure.response)
        } catch {
            return .refused(APIFailure(500, "INTERNAL_ERROR", "The local workspace failed: \(error)").response)
        }
    }
}
