//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Foundation

/// `lakebase init`.
struct InitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "init",
        abstract: "Make a new app: a page with a form on Hummingbird, its table in Lakebase, a test, deployment.yaml.",
        discussion: """
            The app builds, runs and is tested as it is:
              cd DIR
              lakebase dev -- swift run NAME
              swift test

            Nothing is overwritten. A folder that has something in it is refused; with --force what is missing is added.

            EXAMPLES
              lakebase init guestbook
              lakebase init apps/guestbook --name team-guestbook --library-path ../lakebase-swift

            EXIT STATUS
              0 when the files were written, 1 when something failed, 64 when the command line is wrong.
            """
    )

    @Argument(help: ArgumentHelp("The folder, which is made when it is not there.", valueName: "dir"))
    var folder: String

    @Option(
        help: ArgumentHelp("The name of the app and the package; that of the folder when left out.", valueName: "name"))
    var name: String?

    @Option(
        help: ArgumentHelp(
            "The checkout of lakebase-swift that the app depends on; the one this command was built in when left out.",
            valueName: "dir"))
    var libraryPath: String?

    @Option(
        help: ArgumentHelp("A repository of lakebase-swift in place of a checkout; its branch main.", valueName: "url"))
    var libraryURL: String?

    @Flag(help: "Add what is missing to a folder that is not empty; no file is changed.")
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
                "this command does not know where lakebase-swift is; name a checkout with --library-path DIR, or "
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
