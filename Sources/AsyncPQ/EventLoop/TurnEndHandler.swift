//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Work to be done when a turn of a loop ends, after the jobs that were ready have run.
///
/// What many jobs of one turn want to send goes out together that way.
protocol TurnEndHandler: AnyObject {
    func turnEnded()
}
