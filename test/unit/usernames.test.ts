import { describe, expect, test } from '@jest/globals'
import { usualUsername } from '../../src/credentials/usernames.ts'

describe('the user name that goes with a token', () => {
  test.each<[string, string, string, string]>([
    ['GitHub, any token', 'github.com', 'ghp_x', 'x-access-token'],
    ['GitHub, of an app', 'github.com', 'ghs_x', 'x-access-token'],
    ['GitHub Enterprise Server', 'github.example.com', 'ghp_x', 'x-access-token'],
    ['GitLab', 'gitlab.com', 'glpat-x', 'oauth2'],
    ['GitLab, self-managed', 'gitlab.example.com', 'glpat-x', 'oauth2'],
    ['GitLab, of a job', 'gitlab.com', 'glcbt-x', 'gitlab-ci-token'],
    ['GitLab under a name that does not say so', 'code.example.com', 'glpat-x', 'x-access-token'],
    ['Bitbucket, access token', 'bitbucket.org', 'ATCTTx', 'x-token-auth'],
    ['Bitbucket, OAuth token', 'bitbucket.org', 'x', 'x-token-auth'],
    ['Bitbucket, API token', 'bitbucket.org', 'ATATTx', 'x-bitbucket-api-token-auth'],
    ['Gitea', 'gitea.com', '0123456789abcdef', 'x-access-token'],
    ['Forgejo', 'codeberg.org', '0123456789abcdef', 'x-access-token'],
    ['Azure DevOps', 'dev.azure.com', 'x', 'x-access-token'],
    ['Azure DevOps, its old name', 'org.visualstudio.com', 'x', 'x-access-token'],
    ['a host that only ends like Bitbucket', 'notbitbucket.org', 'x', 'x-access-token'],
  ])('%s', (_name, host, secret, username) => expect(usualUsername({ host }, secret)).toEqual({ username }))

  test.each<[string, string, string, string]>([
    ['GitLab, deploy token', 'gitlab.com', 'gldt-x', 'a deploy token of GitLab has a user name of its own'],
    ['Bitbucket, app password', 'bitbucket.org', 'ATBBx', 'an app password of Bitbucket goes with the name of its user'],
    ['CodeCommit', 'git-codecommit.eu-west-1.amazonaws.com', 'x', 'the Git credentials of CodeCommit are a user name and a password'],
  ])('%s: cannot be told', (_name, host, secret, problem) =>
    expect(usualUsername({ host }, secret)).toEqual({ problem: expect.stringContaining(problem) }),
  )

  test('nobody needs none', () => expect(usualUsername({ host: 'git-codecommit.eu-west-1.amazonaws.com' }, null)).toEqual({ username: '' }))
})
