//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import ArgumentParser
import Databricks
import ExactText
import Foundation

/// `lakebase branches delete`.
struct BranchDeleteCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "delete",
        abstract: "Delete a branch with all its data.",
        discussion: """
            Asks for confirmation on a terminal; without a terminal, --yes is required. The default branch, a \
            protected branch and a branch with child branches are not deleted. A deleted branch can be restored \
            until the service purges it. With --purge it is purged at once, also if it is already deleted.

            EXAMPLES
              lakebase branches delete preview
              lakebase branches delete ci-123 --yes --if-exists --purge

            Exit status: 0 if the branch is deleted; 1 if it is not, also when the confirmation was declined; 64 \
            when the command line is wrong, or there is no terminal and --yes is missing.
            """
    )

    @OptionGroup var options: BranchOptions

    @Argument(help: "The branch.", completion: BranchCompletion.kind)
    var name: String

    @Flag(help: "Do not ask for confirmation.")
    var yes = false

    @Flag(help: "Succeed if the branch does not exist.")
    var ifExists = false

    @Flag(help: "Delete the branch for good: it cannot be restored.")
    var purge = false

    func run() async throws {
        guard self.yes || Self.canAsk else {
            throw CommandError(
                "there is no terminal to ask on: add --yes to delete the branch \(self.name) with its data", status: 64)
        }
        try await self.options.run(changes: true) { api in
            let reference = try self.options.reference(self.name)
            do {
                try self.check(try await api.getBranch(reference.name), reference)
            } catch let error as DatabricksError where error.code == .notFound {
                // A deleted branch that can still be restored is not found here, but is in the list of deleted branches.
                guard try await self.isDeleted(reference, api) else {
                    guard self.ifExists else { throw error }
                    return Terminal.note("There is no branch \(reference.name).")
                }
                guard self.purge else {
                    guard self.ifExists else {
                        throw CommandError(
                            "\(reference.id) of \(reference.project) is deleted already; add --purge to delete it for good"
                        )
                    }
                    return Terminal.note("The branch \(reference.name) is deleted already.")
                }
            }
            if !self.yes, !Self.confirmed(reference) {
                throw CommandError("the branch \(reference.id) was not deleted")
            }
            let operation = try await api.deleteBranch(reference.name, purge: self.purge ? true : nil)
            try await Progress.during("deleting the branch \(reference.id)") { try await operation.wait() }
            Terminal.output("Deleted \(reference.name).")
        }
    }

    /// Whether a branch is deleted and can still come back.
    private func isDeleted(
        _ reference: BranchOptions.Reference, _ api: PostgresAPI
    ) async throws(DatabricksError) -> Bool {
        do {
            for try await branch in api.listBranches(parent: reference.project, showDeleted: true)
            where branch.name.map({ $0.isExactly(reference.name) }) == true {
                return branch.status?.deleteTime != nil
            }
            return false
        } catch let error as DatabricksError {
            if error.code == .notFound { return false }
            throw error
        } catch {
            return false
        }
    }

    /// Refuses what the service would refuse too, before anybody is asked.
    private func check(_ branch: Postgres.Branch, _ reference: BranchOptions.Reference) throws {
        if branch.status?.isDefault == true {
            throw CommandError(
                "\(reference.id) is the default branch of \(reference.project) and is not deleted; make another one the default first"
            )
        }
        if branch.status?.isProtected == true {
            throw CommandError(
                "\(reference.id) is protected and is not deleted; unprotect it first (spec.is_protected of the branch)")
        }
    }

    private static var canAsk: Bool { isatty(STDIN_FILENO) != 0 && isatty(STDERR_FILENO) != 0 }

    private static func confirmed(_ reference: BranchOptions.Reference) -> Bool {
        Terminal.ask("Delete the branch \(reference.id) of \(reference.project) with all its data? [y/N] ")
        let answer = (readLine() ?? "").trimmingCharacters(in: .whitespaces).lowercased()
        return answer == "y" || answer == "yes"
    }
}
