//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Sleeping that goes on when the task is cancelled: for the few waits a shutdown itself needs.
package enum Uncancelled {
    package static func sleep(for duration: Duration) async {
        // A task of its own does not inherit the cancellation.
        await Task.detached { try? await Task.sleep(for: duration) }.value
    }
}
