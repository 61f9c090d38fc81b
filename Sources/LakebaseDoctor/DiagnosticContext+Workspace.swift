//===----------------------------------------------------------------------===//
// lakebase-swift · Apache License 2.0 · see LICENSE
//===----------------------------------------------------------------------===//

import AsyncPQ
import Databricks
import Lakebase
import Secrets

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The checks that ask the workspace. The calls read resources, and one mints a credential; none of them wakes a
/// compute.
extension DiagnosticContext {
    private static var noWorkspace: CheckResult {
        .notNeeded("there is no workspace to ask, since no credential is minted")
    }

    func compareClocks(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard configuration.usesTokens, let workspace = configuration.workspace else { return Self.noWorkspace }
        let request = TransportRequest(
            method: .get, url: workspace.host.value + "/oidc/.well-known/oauth-authorization-server")
        let before = Date()
        guard let answer = try? await self.transport.send(request, maximumBody: 1 << 20) else {
            return .notNeeded("the workspace did not answer, so its time is not known")
        }
        let after = Date()
        guard let date = answer.header("Date").flatMap(HTTPDate.date) else {
            return .notNeeded("the workspace's answer does not contain its time")
        }
        let trip = after.timeIntervalSince(before)
        // A date of HTTP has no fraction, so half a second later is the likeliest.
        let ahead = date.timeIntervalSince(before) + 0.5 - trip / 2
        return ClockCheck(ahead: ahead, uncertainty: 0.5 + trip / 2).finding
    }

    func signIn(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard configuration.usesTokens, let workspace = self.workspace else { return Self.noWorkspace }
        let settings = workspace.configuration
        let host = settings.host.value
        do {
            let me = try await workspace.currentUser.me(excludedAttributes: ["groups", "entitlements", "roles"])
            guard let name = me.userName, !name.isEmpty else {
                return .problem(.failure, .identityUnnamed, "\(host) does not name the token's owner")
            }
            self.identity = name
            var evidence = ["the workspace is \(host), from \(settings.host.source)"]
            if let id = workspace.workspaceID { evidence.append("its id is \(id)") }
            evidence += settings.unfitMethods.map { "passed over: \($0)" }
            return .ok("\"\(name)\", by \(workspace.credentials.authType)", evidence: evidence)
        } catch {
            var finding = self.finding(error, .workspaceUnreachable)
            finding.evidence.insert(
                "the workspace is \(host), from \(settings.host.source); the method is \(workspace.credentials.authType)",
                at: 0)
            if error.code == .unauthenticated, let profile = settings.profile {
                finding.command = "lakebase auth login --profile \(profile)"
            }
            return finding
        }
    }

    func look(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard configuration.usesTokens, let workspace = self.workspace, let target = self.opener?.target else {
            return Self.noWorkspace
        }
        do {
            let scope: TargetResolver.CredentialScope
            switch configuration.target {
            case .autoscaling(let endpoint?, _): scope = .endpoint(endpoint)
            case .provisioned(let instance?, _): scope = .instance(instance)
            // Looked up by the host.
            case .autoscaling, .provisioned, .postgres: scope = try await target.resolved().credentialScope
            }
            self.scope = scope
            let place: PlaceCheck
            switch scope {
            case .endpoint(let name):
                place = PlaceCheck(name: name, try await workspace.postgres.getEndpoint(name).status)
            case .instance(let name):
                place = PlaceCheck(try await workspace.database.getDatabaseInstance(name))
            }
            self.place = place
            return place.stateFinding
        } catch {
            return self.finding(error, .targetMissing)
        }
    }

    func belong(_ configuration: LakebaseConfiguration) -> CheckResult {
        guard let place else { return Self.noWorkspace }
        return place.hostFinding(
            configured: configuration.configuredHost, isTrusted: configuration.allowsOtherHosts)
    }

    func mint(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard configuration.usesTokens, let credentials = self.opener?.credentials, let place else {
            return self.judgePassword(configuration)
        }
        do {
            let credential = try await credentials.current()
            if configuration.credential.group == nil { self.role = await self.listedRole(configuration) }
            var isGroup = configuration.credential.group != nil
            if case .found(_, isGroup: true, _) = self.role { isGroup = true }
            return CredentialCheck(
                claims: TokenClaims.read(credential.token), expiresAt: credential.expiresAt,
                mintedAt: credential.mintedAt, username: self.username(configuration), isGroup: isGroup,
                target: place.name
            ).finding
        } catch {
            var finding = self.finding(error, .workspaceUnavailable)
            finding.text = "no credential can be minted: \(finding.text)"
            finding.evidence.append(
                "a running program continues with its old credential and warns (\(LakebaseProblem.renewalFailed.id)) "
                    + "until that ends")
            return finding
        }
    }

    private func judgePassword(_ configuration: LakebaseConfiguration) -> CheckResult {
        guard case .postgres(let host, let password) = configuration.target else { return Self.noWorkspace }
        var login = configuration.connection(host: host, username: configuration.username ?? "postgres")
        login.password = password
        let verdict = PasswordDiagnosis.verdict(login, serverMessage: "", now: Date())
        return PasswordCheck(
            claims: password.flatMap(TokenClaims.read), hasPassword: password != nil,
            // What the workspace's personal access tokens begin with (Databricks: Secret scanning).
            looksLikeAccessToken: password?.withUnsafeValue { $0.hasPrefix("dapi") } ?? false, now: Date()
        ).finding(verdict)
    }

    func lookUpRole(_ configuration: LakebaseConfiguration) async -> CheckResult {
        guard configuration.usesTokens, let scope else { return await self.roleOfCatalogue() }
        let role: LoginDiagnosis.Role
        if let known = self.role { role = known } else { role = await self.listedRole(configuration) }
        return RoleCheck(username: self.username(configuration), target: scope.name, role: role).finding
    }

    private func listedRole(_ configuration: LakebaseConfiguration) async -> LoginDiagnosis.Role {
        guard let workspace, let scope else { return .unknown("no workspace is configured") }
        let evidence = LoginEvidence(
            workspace: workspace, scope: scope, username: self.username(configuration), limit: .seconds(5))
        return await evidence.gather(now: Date()).role
    }

    /// The role that logs in.
    private func username(_ configuration: LakebaseConfiguration) -> String {
        configuration.username ?? configuration.credential.group ?? self.identity ?? "?"
    }
}
