//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Foundation
import Lakebase

/// The options that choose a database in place of the environment's.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions

    @Option(
        help: ArgumentHelp(
            "The profile of the configuration file, in place of the workspace in the environment.", valueName: "name"),
        completion: ProfileCompletion.kind)
    var profile: String?

    func validate() throws { try OptionCheck.values(["--profile": self.profile]) }

    /// The database that is chosen.
    var database: DatabaseChoice {
        var overrides = self.place.choice
        overrides.profile = self.profile
        return DatabaseChoice(overrides: overrides, environment: ProcessInfo.processInfo.environment)
    }
}

extension LakebaseConfiguration {
    /// The database in words, for messages.
    var placeWords: String {
        switch self.target {
        case .autoscaling(let endpoint?, _): "the endpoint \(endpoint)"
        case .provisioned(let instance?, _): "the instance \(instance)"
        case .autoscaling(nil, let host?), .provisioned(nil, let host?): "the database at \(host)"
        case .autoscaling(nil, nil), .provisioned(nil, nil): "the database"
        case .postgres(let host, _): "the PostgreSQL at \(host)"
        }
    }
}
