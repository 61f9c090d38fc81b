//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks

/// The labels of a failure in metrics and on spans.
struct FailureLabels: Hashable, Sendable {
    /// The SQLSTATE, or without one the code or the type of the error.
    var type: String
    /// The SQLSTATE, if the server gave one.
    var statusCode: String?

    /// The conventions' name for everything else.
    static let other = FailureLabels(type: "_OTHER")

    init(type: String, statusCode: String? = nil) {
        self.type = type
        self.statusCode = statusCode
    }

    init(_ error: any Error) {
        if let error = error as? PQError {
            if let state = error.sqlState?.rawValue, Self.isSQLState(state) {
                self.init(type: state, statusCode: state)
            } else {
                self.init(type: error.code.description)
            }
        } else if let error = error as? DatabricksError {
            self.init(type: error.code.description)
        } else if let error = error as? LakebaseError {
            self.init(type: error.code.description)
        } else {
            self.init(type: "\(Swift.type(of: error))")
        }
    }

    /// Whether a text from outside has the form of an SQLSTATE.
    private static func isSQLState(_ text: String) -> Bool {
        text.utf8.count == 5
            && text.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) }
    }
}
