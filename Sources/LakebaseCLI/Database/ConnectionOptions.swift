//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import Foundation
import Lakebase
import Logging

/// The options that say which database is meant, where it is not the environment's.
struct ConnectionOptions: ParsableArguments {
    @OptionGroup var place: PlaceOptions

    @Option(
        help: ArgumentHelp(
            "The profile of the configuration file, in the place of the environment's workspace.", valueName: "name"),
        completion: ProfileCompletion.kind)
    var profile: String?

    func validate() throws {
        if self.profile?.isEmpty == true { throw ValidationError("--profile needs a name") }
    }

    private var choice: ConnectionOverrides {
        var choice = self.place.choice
        choice.profile = self.profile
        return choice
    }

    /// The configuration of the environment, changed as the options say.
    func configuration() async throws -> LakebaseConfiguration {
        let (choice, logger) = (self.choice, WorkspaceOptions.logger)
        return try await SlowProgress.during("asking the workspace where the database is") {
            try await choice.configuration(over: ProcessInfo.processInfo.environment, logger: logger)
        }
    }
}

extension LakebaseConfiguration {
    /// The database in words, for people.
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

/// What commands have in common that log in to the database that ``ConnectionOptions`` mean.
enum DatabaseLogin {
    /// Runs a body, and turns errors into words and status 1.
    static func run(_ options: ConnectionOptions, _ body: (LakebaseConfiguration) async throws -> Void) async throws {
        var notes: [String] = []
        do {
            let configuration = try await options.configuration()
            notes = configuration.notes
            try await body(configuration)
        } catch let exit as ExitCode {
            throw exit
        } catch let failure as CommandFailure {
            Terminal.error("\(failure)")
            throw ExitCode(failure.exitStatus)
        } catch {
            Terminal.error("\(error)")
            // How the database was found is part of why it is the wrong one.
            if error is LakebaseError { for note in notes { Terminal.note("lakebase: note: \(note)") } }
            throw ExitCode(1)
        }
    }

    /// Logs in once, and returns the credentials that did.
    static func checked(_ configuration: LakebaseConfiguration) async throws -> LakebaseCredentials {
        try await SlowProgress.during("waiting for \(configuration.placeWords) to wake and take a login") {
            try await LakebaseConnection.checkedCredentials(configuration, logger: WorkspaceOptions.logger)
        }
    }
}
