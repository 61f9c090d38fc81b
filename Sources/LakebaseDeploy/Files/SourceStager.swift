//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Turns a Swift product into a folder of files and a command.
public protocol SourceStager: Sendable {
    /// Builds and packages a product.
    ///
    /// - Parameters:
    ///   - product: The product.
    ///   - folder: The folder for the files, which replaces that of an earlier run.
    ///   - progress: Called with each line of progress.
    /// - Returns: The command that starts the program, without the program's arguments.
    func stage(
        _ product: DeploymentApp.SwiftProduct, into folder: String, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [String]
}
