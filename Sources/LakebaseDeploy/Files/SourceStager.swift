//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

/// Makes a folder of files and a command of a Swift product.
public protocol SourceStager: Sendable {
    /// Builds and packs a product.
    ///
    /// - Parameters:
    ///   - product: The product.
    ///   - folder: Where the files are to be; replaced when there are some of an earlier run.
    ///   - progress: Told what goes on.
    /// - Returns: What starts the program, without its arguments.
    func stage(
        _ product: DeploymentApp.SwiftProduct, into folder: String, progress: @escaping @Sendable (String) -> Void
    ) async throws -> [String]
}
