//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQPool

extension PQPoolConfiguration {
    /// Every problem of the pool's limits, as problems of a configuration.
    var configurationProblems: [LakebaseConfigurationError.Problem] {
        self.problems.map { .init(setting: $0.setting, message: $0.message, remedy: $0.remedy) }
    }
}
