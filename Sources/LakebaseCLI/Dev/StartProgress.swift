//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import LakebaseLocal

/// Says what a slow start is at, on standard error.
///
/// The first two seconds pass in silence, and most starts need less. Then a terminal shows one line that changes; a file or
/// a pipe gets a line for each step, and one every ten seconds.
enum StartProgress {
    /// Waits until the local Lakebase is ready.
    ///
    /// - Throws: What kept it from starting.
    static func ready(_ lakebase: LocalLakebase) async throws -> LocalLakebase.Ready {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await Self.report(lakebase) }
            // The group waits for its task, which leaves a clean line behind.
            defer { group.cancelAll() }
            return try await lakebase.ready()
        }
    }

    private static func report(_ lakebase: LocalLakebase) async {
        let started = ContinuousClock.now
        let isTerminal = Terminal.showsProgress
        var lines = ProgressLines()
        guard (try? await Task.sleep(for: .seconds(2))) != nil else { return }
        repeat {
            let step = lakebase.startStep
            let seconds = (ContinuousClock.now - started).components.seconds
            if isTerminal {
                Terminal.progress(ProgressLines.text(step, seconds: seconds))
            } else if let line = lines.next(step, seconds: seconds) {
                Terminal.note(line)
            }
        } while (try? await Task.sleep(for: .milliseconds(500))) != nil
        if isTerminal { Terminal.progress("") }
    }
}

/// Decides which lines about a slow start are written to a file or a pipe.
struct ProgressLines {
    private var last: (step: LocalLakebase.StartStep, seconds: Int64)?

    mutating func next(_ step: LocalLakebase.StartStep, seconds: Int64) -> String? {
        if let last, last.step == step, seconds < last.seconds + 10 { return nil }
        self.last = (step, seconds)
        return Self.text(step, seconds: seconds)
    }

    static func text(_ step: LocalLakebase.StartStep, seconds: Int64) -> String {
        "lakebase: \(Self.words(step)) (\(seconds) s)"
    }

    private static func words(_ step: LocalLakebase.StartStep) -> String {
        switch step {
        case .openingFolder: "opening the data folder"
        case .findingPostgres: "looking for PostgreSQL"
        case .makingCluster: "making a PostgreSQL cluster, which happens once for a data folder"
        case .stoppingEarlierServer: "waiting for the PostgreSQL of the last run to stop"
        case .listening: "opening the addresses"
        }
    }
}
