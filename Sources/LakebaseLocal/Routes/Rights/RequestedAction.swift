//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// An action that a request asks for, and the object of the action.
struct RequestedAction: Equatable, Sendable {
    var action: WorkspaceAction
    /// The name of the project, the instance or the app, where the path has one.
    var object: String?

    init(_ action: WorkspaceAction, _ object: String? = nil) {
        self.action = action
        self.object = object
    }
}
