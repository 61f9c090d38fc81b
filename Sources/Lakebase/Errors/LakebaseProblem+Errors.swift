//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

package import AsyncPQ
package import Databricks

extension LakebaseProblem {
    /// The catalogue's entry for an error of this library, determined from its type and codes; nil for any other error.
    ///
    /// Makes no request. ``LakebaseClient/explain(_:)`` asks the database, and may return a more specific entry.
    public static func of(_ error: any Error) -> LakebaseProblem? {
        switch error {
        case let error as LakebaseError: error.problem
        case let error as LakebaseConfigurationError:
            error.problems.contains { $0.setting == "target" } ? .targetUnnamed : .configurationInvalid
        case let error as PQError: Self.ofStatement(error)
        case let error as DatabricksError: Self.ofWorkspace(error)
        default: nil
        }
    }

    package static func ofWorkspace(_ error: DatabricksError) -> LakebaseProblem {
        switch error.code {
        case .invalidConfiguration: .configurationInvalid
        case .unauthenticated: .workspaceUnauthenticated
        case .permissionDenied: .workspaceForbidden
        case .notFound: .targetMissing
        case .connectionFailed, .deadlineExceeded: .workspaceUnreachable
        case .tooManyRequests, .unavailable, .serverError: .workspaceUnavailable
        case .closed: .shutDown
        // invalidRequest, conflict, unexpectedStatus, invalidResponse, responseTooLarge; the codes are open.
        default: .workspaceAnswerInvalid
        }
    }

    /// The entry for an error of connecting.
    package static func ofConnecting(_ error: PQError) -> LakebaseProblem {
        guard let state = error.sqlState else {
            switch error.code {
            case .nameResolutionFailed: return .hostNotFound
            case .tlsFailed: return .serverNotTrusted
            case .invalidConfiguration, .unsupported: return .configurationInvalid
            default: return .computeUnreachable
            }
        }
        switch state {
        case .tooManyConnections: return .tooManyConnections
        case .invalidCatalogName: return .databaseMissing
        case .insufficientPrivilege: return .connectDenied
        default:
            if state.classCode == "28" { return .loginRefused }
            return LoginAttempts.mayBeWaking(error) ? .computeUnreachable : .sessionRefused
        }
    }

    /// An error of a statement, or of a connection that was there.
    static func ofStatement(_ error: PQError) -> LakebaseProblem? {
        guard let state = error.sqlState else { return Self.ofClient(error) }
        switch state {
        case .insufficientPrivilege: return .permissionDenied
        case .undefinedTable: return .relationMissing
        case .invalidSchemaName: return .schemaMissing
        case .readOnlySqlTransaction: return .readOnly
        case .queryCanceled: return .statementCancelled
        case .serializationFailure, .deadlockDetected: return .transactionConflict
        case .tooManyConnections: return .tooManyConnections
        case .idleSessionTimeout, .idleInTransactionSessionTimeout: return .connectionLost
        default:
            if error.code == .connectionFailed { return Self.ofConnecting(error) }
            return ["08", "57"].contains(state.classCode) ? .connectionLost : .statementRefused
        }
    }

    private static func ofClient(_ error: PQError) -> LakebaseProblem? {
        switch error.code {
        case .decodingFailed: .decodingFailed
        case .connectionClosed, .timedOut: .connectionLost
        case .connectionFailed, .tlsFailed, .nameResolutionFailed, .invalidConfiguration: Self.ofConnecting(error)
        // Resources of the operating system, and features that libpq lacks: only the message describes these.
        default: nil
        }
    }
}
