//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

internal import AppManifest
internal import ExactText
public import LakebaseSchema

#if canImport(FoundationEssentials)
internal import FoundationEssentials
#else
internal import Foundation
internal import StrictYAML
#endif

extension DesiredState {
    /// Reads the desired state of an environment: stages its source, and reads its migrations.
    ///
    /// The command and the variables of an `app.yaml` in the folder apply where `deployment.yaml` does not set them.
    ///
    /// - Parameters:
    ///   - environment: The environment in `deployment.yaml`.
    ///   - stager: Builds a Swift product; the files are kept in `.build/lakebase-deploy` of its package.
    ///   - progress: Called with each line of progress.
    /// - Throws: ``DeployError`` for files that cannot be deployed, `MigrationError`, `YAMLFileError`, and what the stager throws.
    public static func of(
        _ environment: DeploymentEnvironment, stager: any SourceStager,
        progress: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> DesiredState {
        var desired = DesiredState(environment: environment)
        // Before the minutes that a build may take.
        desired.migrations = try environment.readMigrations()
        switch environment.app.source {
        case .folder(let path, let command):
            desired.source = try await SourceFiles(folder: path)
            desired.command = command
            try desired.takeManifest()
        case .swift(let product):
            let folder = "\(product.package)/.build/lakebase-deploy/\(product.product)"
            let command = try await stager.stage(product, into: folder, progress: progress)
            desired.source = try await SourceFiles(folder: folder, isStaged: true)
            desired.command = command + product.arguments
        }
        return desired
    }

    /// Takes over the settings of an `app.yaml` or `app.yml` among the files, in the platform's order.
    private mutating func takeManifest() throws {
        let names = ["app.yaml", "app.yml"]
        let found = names.compactMap { name in self.source.files.first { $0.path.isExactly(name) } }.first
        guard let found else { return }
        let manifest = try AppManifest.read(Array(try found.read()), file: found.path).manifest
        self.command = self.command ?? manifest.command
        let known = Set(self.environment.app.env.map { ExactText($0.name) })
        self.environment.app.env += manifest.env.filter { !known.contains(ExactText($0.name)) }
    }
}

extension DeploymentEnvironment {
    /// Reads the migrations in the environment's folder; returns none without a folder.
    public func readMigrations() throws -> [Migration] {
        guard let folder = self.migrations?.folder else { return [] }
        return try MigrationFolder(path: folder).migrations()
    }
}
