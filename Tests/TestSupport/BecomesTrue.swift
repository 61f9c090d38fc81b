//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Waits until `condition` holds, for as long as a test may last.
///
/// The limit is for what never comes. Where the whole process stands still for some seconds, as it does on a busy machine
/// with two threads for all tests, what the condition waits for stands still as well.
///
/// - Returns: Whether it came to hold.
package func becomesTrue(_ condition: () async -> Bool) async -> Bool {
    let end = ContinuousClock.now + .seconds(50)
    while await !condition() {
        guard ContinuousClock.now < end, !Task.isCancelled else { return false }
        try? await Task.sleep(for: .milliseconds(2))
    }
    return true
}
