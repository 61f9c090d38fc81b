//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser

/// The peers in C, which script/bench compiles from Benchmarks/Peers/libpq.
struct LibpqPeers: ParsableArguments {
    @Option(help: "The folder with the programs compiled from Benchmarks/Peers/libpq.") var libpq: String

    var rows: String { self.libpq + "/rows" }
    var pipeline: String { self.libpq + "/pipeline" }
    var idle: String { self.libpq + "/idle" }
}
