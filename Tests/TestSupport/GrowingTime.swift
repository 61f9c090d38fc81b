//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Runs a step that a limit of time ends, with a longer limit each time, until the step got as far as it has to before that.
///
/// What holds whenever the limit ends the step is expected inside of it. How far the step gets in a given time is a matter
/// of the machine.
///
/// - Parameter step: Runs with a limit, and says whether it got far enough.
/// - Returns: Whether it did with any limit.
package func getsFarEnough(_ step: (_ limit: Duration) async throws -> Bool) async rethrows -> Bool {
    for limit in [Duration.milliseconds(150), .seconds(1), .seconds(8), .seconds(25)] {
        if try await step(limit) { return true }
    }
    return false
}
