//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Foundation

/// `lakebase init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Create an app on Hummingbird with a page, a table in Lakebase, a test and deployment.yaml.",
        discussion: """
            The app builds, runs and passes its test without changes:
              cd DIR
              lakebase dev -- swift run NAME
              swift test

            No file is overwritten. A folder that is not empty is refused; with --force the missing files are added.

            EXAMPLES
              lakebase init guestbook
              lakebase init apps/guestbook --name team-guestbook --library-path ../lakebase-swift

            EXIT STATUS
              0 if the files were written, 1 on failure, 64 when the command line is wrong.
            """
    )

    @Argument(help: ArgumentHelp("The folder; it is created if it does not exist.", valueName: "dir"))
    var folder: String

    @Option(
        help: ArgumentHelp("The name of the app and the package; default: the name of the folder.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The checkout of lakebase-swift that the app depends on; default: the checkout this command was built in.",
            valueName: "dir"))
    var libraryPath: String?

    @Option(
        help: ArgumentHelp(
            "A repository of lakebase-swift in place of a checkout; its branch main is used.", valueName: "url"))
    var libraryURL: String?

    @Flag(help: "Add missing files to a folder that is not empty; no file is changed.")
    var force = false

    func validate() throws {
        if self.folder.isEmpty { throw ValidationError("the folder has no name") }
        try OptionCheck.atMostOne(
            ["--library-path": self.libraryPath != nil, "--library-url": self.libraryURL != nil],
            "exclude each other; use one of them")
        if let mistake = Scaffold.mistake(inName: self.appName) { throw ValidationError(mistake) }
    }

    func run() throws {
        let scaffold = Scaffold(name: self.appName, library: try self.library())
        let report = try ScaffoldWriter(folder: self.folder).write(scaffold.files, addsToOthers: self.force)
        for path in report.made { Terminal.output("\(self.folder)/\(path)") }
        for path in report.kept { Terminal.note("kept as it is: \(self.folder)/\(path)") }
        Terminal.note("next: cd \(self.folder) && lakebase dev --data .lakebase -- swift run \(self.appName)")
    }

    private var absoluteFolder: String { URL(fileURLWithPath: self.folder).standardizedFileURL.path }

    private var appName: String { self.name ?? (self.absoluteFolder as NSString).lastPathComponent.lowercased() }

    private func library() throws -> Scaffold.Library {
        if let url = self.libraryURL { return .url(url) }
        guard let place = self.libraryPath ?? LibraryPlace.ofThisProgram() else {
            throw CommandError(
                "the checkout of lakebase-swift is not known; name a checkout with --library-path DIR, or "
                    + "a repository with --library-url URL")
        }
        guard LibraryPlace.isCheckout(place) else {
            throw CommandError(
                "\(place) is no checkout of lakebase-swift: it has no Package.swift of it")
        }
        let target = URL(fileURLWithPath: place).standardizedFileURL.path
        return .path(LibraryPlace.path(to: target, from: self.absoluteFolder))
    }
}
