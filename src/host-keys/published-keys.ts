import type { Publication } from './known-hosts.ts'

/** A provider's SSH server, and the keys by which it can be known. */
export interface PublishedHost extends Pick<Publication, 'provider' | 'docs'> {
  /** As known_hosts names them. */
  readonly hosts: readonly string[]
  /** `type base64 SHA256:… sources`. The fingerprint is the published one, so that a test can compare it with the key. */
  readonly keys: readonly string[]
}

/** A key that no server may show any more, by whatever name. */
export interface RevokedKey extends Pick<Publication, 'provider' | 'docs'> {
  /** As above. */
  readonly key: string
  /** The reason: the rest of a sentence after "was". */
  readonly reason: string
}

/** The day on which these keys were last compared with their sources. */
export const COMPARED_ON = '2026-11-25'

/** The sources of the keys. Each key is in at least two of them, which were written by different people. */
export const SOURCES = {
  docs: "the provider's own page, or its source",
  'docs-issue': 'MicrosoftDocs/azure-devops-docs, issue 7726',
  announcement: "the provider's announcement of new keys",
  'support-article': "the provider's support pages",
  'argo-cd': 'argoproj/argo-cd@5688fa57, manifests/base/config/argocd-ssh-known-hosts-cm.yaml',
  twinkle: 'hbons/Twinkle@abeb689, src/ssh/keys/known_hosts',
  'git-mirrors': 'sgc-kn/git-mirrors, ssh_known_hosts',
  'known-git-hosts': 'nadevko/dotfiles@bdf108a, nixosModules/known-git-hosts',
  srvos: 'nix-community/srvos, shared/common/well-known-hosts.nix',
  serokell: 'serokell/serokell.nix, modules/ssh-hostkeys.nix',
  'known_hosts.d': 'schuam/known_hosts.d, ssh_known_hosts',
  gist: 'known_hosts files in public gists',
  'nixos-configuration': 'a public home-manager configuration that knows four forges',
  'nixos-module': 'a public NixOS module of known hosts',
  'git-mirror-script': "a public script for mirrors, whose keys were compared with the provider's page on 2025-07-06",
} as const

const codeCommit = (line: string): PublishedHost => ({
  provider: 'AWS CodeCommit',
  hosts: [`git-codecommit.${line.split(' ', 1)[0]}.amazonaws.com`],
  docs: 'https://docs.aws.amazon.com/codecommit/latest/userguide/regions.html#regions-fingerprints',
  keys: [`${line.slice(line.indexOf(' ') + 1)} docs,known-git-hosts`],
})

/** One line per region: its name, then the key as above. */
const CODECOMMIT: readonly string[] = [
  'us-east-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCdut7aOM5Zh16OJ+GOP75O7x5oyHKAiA1ieuySetj/hAq4VrAuZV5R2TypZJcKBaripOtTc/Sr0FOU4YvxUla40PPH8N1lbDp6Pnc4BexKsrt2kz++TqIKx5FHmUQV3mit16kxRwHey3dv030+qXBDo3WPQjm2+JLoq0XcadpnCAMCd3ChaBnDRM+51GZbuEFilpZsxUchUzl0gseC+shYOBd7TqxTlIhj/56d/YF1kq7RMZYrwBnyYdVhpLeUJCeYjyx/O6FPSezNTLiinz5jjioWZATgn+G8feL/hIsk8g+7JoIcb2muUlymdxs+8l2lS+8MXqT0q9ohT+Knhb2j SHA256:eLMY1j0DKA4uvDZcl/KgtIayZANwX6t8+8isPtotBoY',
  'us-east-2 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCNbmnXfe621xtVMkrwOqf6QNIlnOKkQ01KoM6gKC4nv5T08hbGcGp6iYplGLKMLlki+auO1J3JTA3qAKDobZR1wDqtW9LC2k46GHV4YigUpd6D+YdranJqbxpGOuNd6c1EP50vQnlW9MxZYExyrZKT0UfOJAydQLoWPuSioyHk3zAltSIrCxczP3jxAhuoq++eUrdC5uF6UMNJC10eBA9XglAe2oRLzApoStyCAiKVnoBndU2NpJWqNw0K5qfEUx2vyQFfHNRAwNNRDFtkdE9ho255YECTO07Zg37QCZ+hV5VAoFRu5CHSXqVZc5YN1YXkZ8SVHyBX7krO80QaaDor SHA256:3lBlW2g5xn/NA2Ck6dyeJIrQOWvn7n8UEs56fG6ZIzQ',
  'us-west-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCTqAH3M+jCaUUacMSUekhARPK3v0Mwv/Oabh9KZuM1+ny5soq2BLHTOfkesRWXfiOoBF4Q/GVt7vTet7RhjG7PPHgnH2g6J8x45hGjkqzgrnmZKX8lG8DXBEOyQt07V8bUY/2JV0nRyMM68G0qVOmhp4e57uQADdKwsIaNdEcEc4uGMoc20j/KEByjrjZZx6S7ijkZNqMV3bm883j2xNvNrEYbXG38FlAgSUA3SV0fuIlXKzwN6jzqEsMHy8GrIPj4pguwAzlkoYJKWtCH2T9f2BnJ8DhshXxruZ9r1he1IRe41ed+vbv6d+fGKssIxnOxxVkIAW+oT07LZcQGc9Gd SHA256:gzauWTWXDK2u5KuMMi5vbKTmfyerdIwgSbzYBODLpzg',
  'us-west-2 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCqyQh/szYdP7ykDdwp8pWMgrFmuXU4mEf27Wzz6QcR/ZJsIRVCdslVjmt9RA1ljanAVPI8zjp/oI6NPICh8l638vRLt8lFbNMfMMfkzxiIXs0mLAuQ2XSbRglPDF4mAQ7C+oD/B01XXKWU4Vack37i0R9RMtkl3spFB8Hq7HJi4/wy87U7FMHfjHWYXr3GAOg1PfRyTAyHij0XXuBhxzz1vMoiI5DkgH8CKuKf+AmW5KHxKX3zPCoKe7nDw3/Re4ghYhc34ldOSZlQin/dIyT/GQy0ayRWGXc0KB2ijrDCxd4N4INBhdqCRDPwkxwqVRUToBFw6Q1zBdlVlK5ViFEV SHA256:0pJx9SQpkbPUAHwy58UVIq0IHcyo1fwCpOOuVgcAWPo',
  'ap-south-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCHLlF21wyAyRBsUNF2u/DnFp0sCiNhBAkeyv8MFqLBTiv7KVHG6yque9rS/s9Xsq2W/L3gmbX50d0HH2kmN7QJzkvuzSt/r2wcyFL3UWI1sXSN4CsxsDyFdy5G6WneVHDnL+228cat4p3VpFEHex6Zr7+5yMiWMu52Nsz4atc4+Y28ClrGGNFI+oDqqfTOLPyPwRzf+fXFgnK8TB4mxRJeI/wuM81Bi8DxHRzPALgG7e5Gb0/VZ3nRivX9CPglPxR+EHMKN67qu8m2cI1wOOwlZEcVCycdjyxlcmP3iXZB9GNHW459uaLg0QV3WcnlMoATMRhzUQRDb0oRIVtAk31H SHA256:hUKwnTj7+Xpx4Kddb6p45j4RazIJ4IhAMD8k29itOfE',
  'ap-northeast-2 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQD2RVslPUftKgAJTahlUSfdg71QSUwkIlK3Q+TJNonFukNwTLQK4bTqY4OMuG5Kt06ZiqlnKge4EL7uEn/tSlSwI7dICo4p0O2I5dxhqAXpu1l6UvtJDzExTAjX9Wsh2dE+LyWYQoJuPwm/8Nz+gGfXN8B24bXXTWeEl9vXqM9cpxIUD0hSZObJ/NOEPGjPMNyQvmZndVTiFN1mlJ6TDSm0oOha7+t5RpSoMHK6PLoKVHMzrxgq8KRepTddGqgLRXwZEd+JHlxOephi8CZfneYVysgwaBCdkw2K0+eoVjMGWDULFZgk+WjlQLIMkl2yH1XCEgQMoqY+TQWrMFzicjy3 SHA256:eegAPQrWY9YsYo9ZHIKOmxetfXBHzAZd8Eya53Qcwko',
  'ap-southeast-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC64UYEX+5l7TJDbMycFNK1Vb9mrJ9urSeDYrIRwacxQrcCcOZfJ4Kim7/yk9j/0K4IM4o5VWGh+sDHxJWnyGWvTc1vUEfiKpEMYg4GoOlRakU7wHYI04IH88EVyp7fBQUYubzWn1sZx2kNHtnAwYkl0e+mbQv9HrxGx6WzbiJa0DbH3s38m/gAPfxurk07SLk4C1H0Piznecp1avl49FDnnJ3FTZzkblKOeZxrmX0RjnZJ35Hi1kwIs3xZSZ9RLRTpI+Rua6BqX4mjZx2KLaDaTYkae3y+lg00LS9cxvQyJmXlGto/0UDqO+Ou8w3NhU7xEmRnciGtI4eW3QQcTcN9 SHA256:ZIsVa7OVzxrTIf+Rk4UbhPv6Es22mSB3uTBojfPXIno',
  'ap-southeast-2 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCry1cdezPdyGoMFJw8jgkuWwhAKi4XRnjoRYsNrdda6yXKXWUj5hGjXJj1ffBVy9p6+/rCYk1gg+uZFvAiS6gbLpbh9Qywh6icB/90w4BHFIGnzjHYnwXvq2Wcu0ixQoztnqni+GwjlksJwE/R0Ocf31So6FShoiHtjmZunKub+eLq2XwEbnAzNXqUCIUTjww6o86aRsnPiFLfX7ul6YYZzkHzqM0vgwN1Bo5WF0pG9RNMrCjmNOGrmsUwxA00NUSf4mZtIu3HJFWsYHUYh2/bsb9JkKq0e1Nu5wjxyO26L2l8mdDJZF9fREUE/ixlFCganWQG/Yfzt1tBLYE7eS2t SHA256:nYp+gHas80HY3DqbP4yanCDFhqDVjseefVbHEXqH2Ec',
  'ap-northeast-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC1TYZaLC5o4unb1rFVYpEYZN/jPe/dUatxFWwuZaHoNX5SY4icYA68cPw3z77ukX3fHlGpOT1/fl+XEJ5ghAyDUWSMZSrRFh99BhoRy6cImyJUc2dwEAJuifewQki7ZI+jctoGMlJFxGFpy56Zz7nNIuQ4zHmIPKco8bKwzjar2/+eqU5vGqRVf5wBStw16QzYg5B5XjpaXFd4IyAdZwrTwyB/FOh4gtdVafU3BoCmd1KHSfzYBHwQyfZy9iKvwSBOnJh472FlJQtB3X0BQ7yX3vLyo7yJJA/E/v8X1DOMBVfJMFvHRd+Yw7s/XqHQN7nIOQK8NtZYiAoUhWqiIIyF SHA256:Xk/WeYD/K/bnBybzhiuu4dWpBJtXPf7E30jHU7se4Ow',
  'ca-central-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDKXlQonmmX6x8mFEWl2wvl75M8JGyJSiRIWXoYHdD7g24bixLkT0vMz2rXKQ6hYvjU9S3l7MaHoTwRZ/x/X5KFlnXl0oyvtEAXftrmId1mRXrgg8XY2P1DjseQKb9kKnxfDatygcFZceoTSzC059FHlZ2Jg9iRMhO3zksWPDb1kJW2zqjYlD0xcFnn/4ELLLb6PjI/k86WAdKDzk/eU8KTqDSHWKX5Zum46GaSAGPy5KFWGtvnVbzG9PWw5rMVaSHgqT6OThtV14ijyjS8zRHu34YoXUtJ9924SFSVlWJSlg87fphDqU+O/KBUyjaL9bjxceqhhXX7ZNqXxLkr6yEt SHA256:Qz5puafQdANVprLlj6r0Qyh4lCNsF6ob61dGcPtFS7w',
  'eu-central-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC4kbf66iCilEMHyqQECD6qtnTeuDWmZTUivSKzt34UIvrT1Vy5wQcawEOb3EfJ+xgOkvQKXUe/knsAL3w4RCoahscybyI2udigj3T3j4LOZXeRFXLCpw2lDxlW0CXEMUSarzXzr2RgGv279ga2bs96SvhCaJUflze9loh19/oykfoHEavlfIwm1BOTIJOgy6rZecrVRPQzSbSnFMIKd9fkx/9KBzGGmx+Kvl7yNzz/OsuAYZxYd7HIHHhk9kpzLLXDVLQZQ4Lh5Xt9Jpi7Zcoej7kvywGd2vQfW4C5mcuHWLvBeM7m/sDTsqGWEriTYaoxrMmCtftGevRniHhOjUKT SHA256:MwGrkiEki8QkkBtlAgXbYt0hoZYBnZF62VY5RzGJEUY',
  'eu-west-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCWt3RNxyBeoEA79aQJU8808wNXSO30FWcolbeLdicmqCbPUdzWCnDlQP84sTfmZvR92HrpnQNjaT5LKxw206VwGW5OuPIOh0+SCxCS55WrDh567KxZkyBWiJ5TumiUIQDPYbrDOeceCMe5k0n2goMb/qRrtBSeQjw/a5fvamuFlGz3HGEMA7VGQwaqb5cLpLbS6IOx9OTGOc3XuqqKbXHRgZ6swByiJcPjQEHVlJttxkErwBEytPnXyT9ALkuG9UiSVx3MWdKo6XlN6Zc1VmgtOKzDhfmf9u0URtHtRX6791WjCTpAs7JPU1f+gjb01mD4y1yVv+h1JVaeunhkgYDT SHA256:tKjRkOL8dmJyTmSbeSdN1S8F/f0iql3RlvqgTOP1UyQ',
  'eu-west-2 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCAimtUM0989igJKSOkfOTAbTCY9MT9nIfw2lwX0nbj1EEQ99LcE6wS/eVFPxyoYH/dZWBPPdu1nYQU2yoUqvEXLsUq0VZvxQX+XAQrzkMXeMd7WzL+0NsDDgp5kqCN2DoRIk98JvaZjWV2sBxw0f/okIch6MkExAqQAKB4oGqI5cDhdDejKkygbhzbDJF06iCkvEDKzlo5GLFWC+RbTJbKoKfcUBUM5Q3A573j7QzaDT+HzACicjM0uot70O98vdOU4NonDPP+YeRZwyGWZLXJqhfOfjjun6bCT9ond3cGyrYE7ec/XBeW2Q+c0NMzokPscWfViGiQJM83TdWHM/KT SHA256:r0Rwz5k/IHp/QyrRnfiM9j02D5UEqMbtFNTuDG2hNbs',
  'eu-west-3 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCsjwNVTN7+O/spjgxjsKIiFqALqw3NrXVHPFEgsmSfy5XdAUx+AR9HKOy/YBnwnxQFTSY+zQfF6LA+9HNMhk3c/N7zdBAhSQv4LFTeMFHDqUJO4wrjptLkDEGbPvdfgKeht4nYkuAOALmiO8G8asVgy1KZ6N+nWnWWe6t/gipVdA0iTGCsvt86o2vvl2wzisObvVdGDP2bApyLjSfPIaCd244MTHK4MFN+fs1WuD20N8flHtI8n22OkpYkGC8SuupVTKuqbQ5VGoBo6wxHyINuI1w1UFcKM4MZsJhxiVHXnU16oaTJpZ7vfjhSKNETp11IvILT36Jgr8tzCH1nz12Z SHA256:uw7c2FL564jVoFgtc+ikzILnKBsZz7t9+CFdSJjKbLI',
  'sa-east-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCgNjGfv1wACNUTja83GFNZ+nqMeYlH93GbKRcPFrhRLpuO8ThC/LBwZj7r7/u+JN76gQvMn3BsAhB5bX3Ne76nxtWNlG0mr8alMh2c8YG9to0UiQtXo88UuzmuoteubbtE0/Ttg+8f19Krbt0AdT9Xh0uRFS31tBcJduno6v6allxSnM4nip7LOfOasDwOfpHCE2vpJ/2667eTfv3esqSR6XwI5iuBYAn70eYSaCpGoeVsI3jL8aFQIl/nvLa6TBCOIjIi5VlQFU8hUM0f2Vr+yfEuocR9sSE2CFOr1SDJn77xs3qwsD+FBDcSRE0vXMUWf2rBkc3BYnPocK0io6WB SHA256:kW+VKB0jpRaG/ZbXkgbtMQbKgEDK7JnISV3SVoyCmzU',
  'us-gov-east-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCDsHTKIicLq+SHne51vch+FbN/QsXVg5hdCL8tHft0G4hYQAvihij+3t3BdLgW8tZLBVDww5XzYImBRqeWuve2aboAB4mrcEQ5GCsmghFjeuEHQhlbKI1UxyYDNBFuQhlaaIPNS0l4ocNWkJOadW1rWGiTgDLP9qAgkJhw3AAy/7cSZRTE6OT2X4xD7n07cBzBjAY33Cm9pKlHVTSzZVwTyLPN7YtCDr4wgGgm+xCagHOjPb71bbhvN/2RGxtl9renvS4n0A1F/lZXBQVA3vB/LO6HN/uesV4UIIxZ2uwGTetKOi/X/OmbQXn6/7Ob7Qvt8DZ00NwZalJvDhfq8tSF SHA256:/fVb+R0z7qW7minenW+rUpAABRCRBTCzmETAJEQrg98',
  'us-gov-west-1 ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDPs8RdrmUU6fksyqMV/K47G1c0VSxnMPr+8MChauWKDZfuCCHl3Tt/F2z+67RY9qmUHxhWCFJByrFgzX0yAwfNsW22jrBbhwNYIfcL7NRB8efBna1LfKspW46p6xTgza4+UjvWRuWJFtMR2MF9GFlpKUJOgkrYPvrNyG2wxaQM8ana47+7ppkUPcvZfsmY6r8JD78dzmHKlvhrV3xsebXJY3EHGSO7tgunZo/s9fMD9/yjJ2cQhdMxrYKC7wVJeOAs2T9dvdO59O+lDdMkKfa2GJOYIOMjoM1JaDZNfPXwYQLPRGN6vuI4ZQiZ62bY1REHkJ/BvuC1WbkKuJhTm52H SHA256:djXQoSIFcg8vHe0KVH1xW/gOF9X37tWTqu4Hkng75x4',
]

/** Keys that providers publish and that two independent sources confirm. */
export const PUBLISHED_HOSTS: readonly PublishedHost[] = [
  {
    provider: 'GitHub',
    hosts: ['github.com', 'gist.github.com', '[ssh.github.com]:443', 'ssh.github.com'],
    docs: 'https://docs.github.com/en/authentication/keeping-your-account-and-data-secure/githubs-ssh-key-fingerprints',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU docs,argo-cd,twinkle,git-mirrors',
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBEmKSENjQEezOmxkZMy7opKgwFB9nkt5YRrYMjNuG5N87uRgg6CLrbo5wAdT/y6v0mKV0U2w0WZ2YB/++Tpockg= SHA256:p2QAMXNIC1TJYWeIOttrVc98/R1BUFWu3/LiyKgUfQM docs,argo-cd,git-mirrors',
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQCj7ndNxQowgcQnjshcLrqPEiiphnt+VTTvDP6mHBL9j1aNUkY4Ue1gvwnGLVlOhGeYrnZaMgRK6+PKCUXaDbC7qtbW8gIkhL7aGCsOr/C56SJMy/BCZfxd1nWzAOxSDPgVsmerOBYfNqltV9/hWCqBywINIR+5dIg6JTJ72pcEpEjcYgXkE2YEFXV1JHnsKgbLWNlhScqb2UmyRkQyytRLtL+38TGxkxCflmO+5Z8CSSNY7GidjMIZ7Q4zMjA2n1nGrlTDkzwDCsw+wqFPGQA179cnfGWOWRVruj16z6XyvxvjJwbz0wQZ75XK5tKSb7FNyeIEs4TT4jk+S4dhPeAUC5y+bDYirYgM4GC7uEnztnZyaVWQ7B381AK4Qdrwt51ZqExKbQpTUNn+EjqoTwvqNj4kqx5QUCI0ThS/YkOxJCXmPUWZbhjpCg56i+2aB6CmK2JGhn57K5mj0MNdBXA4/WnwH6XoPWJzK5Nyu2zB3nAZp+S5hpQs+p1vN1/wsjk= SHA256:uNiVztksCsDhcc0u9e8BujQXVUpKZIDTMczCvj3tD2s docs,argo-cd,git-mirrors',
    ],
  },
  {
    provider: 'GitLab.com',
    hosts: ['gitlab.com', '[altssh.gitlab.com]:443', 'altssh.gitlab.com'],
    docs: 'https://docs.gitlab.com/user/gitlab_com/#ssh-known_hosts-entries',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAfuCHKVTjquxvt6CM6tdG4SLp1Btn/nOeHHE5UOzRdf SHA256:eUXGGm1YGsMAS7vkcx6JOJdOGHPem5gQp4taiCfCLB8 docs,argo-cd,twinkle',
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBFSMqzJeV9rUzU4kWitGjeR4PWSa29SPqJ1fVkhtj3Hw9xjLVXVYrU9QlYWrOLXBpQ6KWjbjTDTdDkoohFzgbEY= SHA256:HbW3g8zUjNSksFbqTiUWPWg2Bq1x8xdGUrliXFzSnUw docs,argo-cd',
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQCsj2bNKTBSpIYDEGk9KxsGh3mySTRgMtXL583qmBpzeQ+jqCMRgBqB98u3z++J1sKlXHWfM9dyhSevkMwSbhoR8XIq/U0tCNyokEi/ueaBMCvbcTHhO7FcwzY92WK4Yt0aGROY5qX2UKSeOvuP4D6TPqKF1onrSzH9bx9XUf2lEdWT/ia1NEKjunUqu1xOB/StKDHMoX4/OKyIzuS0q/T1zOATthvasJFoPrAjkohTyaDUz2LN5JoH839hViyEG82yB+MjcFV5MU3N1l1QL3cVUCh93xSaua1N85qivl+siMkPGbO5xR/En4iEY6K2XPASUEMaieWVNTRCtJ4S8H+9 SHA256:ROQFvPThGrW4RuWLoL9tq9I9zJ42fK4XywyRtbOz/EQ docs,argo-cd',
    ],
  },
  {
    provider: 'Bitbucket Cloud',
    hosts: ['bitbucket.org'],
    docs: 'https://support.atlassian.com/bitbucket-cloud/docs/configure-ssh-and-two-step-verification/',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIazEu89wgQZ4bqs3d63QSMzYVa0MuJ2e2gKTKqu+UUO SHA256:ybgmFkzwOSotHTHLJgHO0QN8L0xErw6vd0VhFA9m3SM docs,announcement,argo-cd,twinkle',
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBPIQmuzMBuKdWeF4+a2sjSSpBK0iqitSQ+5BM9KhpexuGt20JpTVM7u5BDZngncgrqDMbWdxMWWOGtZ9UgbqgZE= SHA256:FC73VB6C4OQLSCrjEayhMp9UMxS97caD/Yyi2bhW/J0 docs,announcement,argo-cd',
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQDQeJzhupRu0u0cdegZIa8e86EG2qOCsIsD1Xw0xSeiPDlCr7kq97NLmMbpKTX6Esc30NuoqEEHCuc7yWtwp8dI76EEEB1VqY9QJq6vk+aySyboD5QF61I/1WeTwu+deCbgKMGbUijeXhtfbxSxm6JwGrXrhBdofTsbKRUsrN1WoNgUa8uqN1Vx6WAJw1JHPhglEGGHea6QICwJOAr/6mrui/oB7pkaWKHj3z7d1IC4KWLtY47elvjbaTlkN04Kc/5LFEirorGYVbt15kAUlqGM65pk6ZBxtaO3+30LVlORZkxOh+LKL/BvbZ/iRNhItLqNyieoQj/uh/7Iv4uyH/cV/0b4WDSd3DptigWq84lJubb9t/DnZlrJazxyDCulTmKdOR7vs9gMTo+uoIrPSb8ScTtvw65+odKAlBj59dhnVp9zd7QUojOpXlL62Aw56U4oO+FALuevvMjiWeavKhJqlR7i5n9srYcrNV7ttmDw7kf/97P5zauIhxcjX+xHv4M= SHA256:46OSHA1Rmj8E8ERTC6xkNcmGOw9oFxYr0WF6zWW8l1E docs,support-article,argo-cd',
    ],
  },
  {
    provider: 'Codeberg',
    hosts: ['codeberg.org'],
    docs: 'https://docs.codeberg.org/security/ssh-fingerprint/',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIIVIC02vnjFyL+I4RHfvIGNtOgJMe769VTF1VR4EB3ZB SHA256:mIlxA9k46MmM6qdJOdMnAQpzGxF4WIVVL+fj+wZbw0g docs,twinkle,nixos-configuration',
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBL2pDxWr18SoiDJCGZ5LmxPygTlPu+cCKSkpqkvCyQzl5xmIMeKNdfdBpfbCGDPoZQghePzFZkKJNR/v9Win3Sc= SHA256:T9FYDEHELhVkulEKKwge5aVhVTbqCW0MIRwAfpARs/E docs,nixos-configuration',
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC8hZi7K1/2E2uBX8gwPRJAHvRAob+3Sn+y2hxiEhN0buv1igjYFTgFO2qQD8vLfU/HT/P/rqvEeTvaDfY1y/vcvQ8+YuUYyTwE2UaVU5aJv89y6PEZBYycaJCPdGIfZlLMmjilh/Sk8IWSEK6dQr+g686lu5cSWrFW60ixWpHpEVB26eRWin3lKYWSQGMwwKv4LwmW3ouqqs4Z4vsqRFqXJ/eCi3yhpT+nOjljXvZKiYTpYajqUC48IHAxTWugrKe1vXWOPxVXXMQEPsaIRc2hpK+v1LmfB7GnEGvF1UAKnEZbUuiD9PBEeD5a1MZQIzcoPWCrTxipEpuXQ5Tni4mN SHA256:6QQmYi4ppFS4/+zSZ5S4IU+4sa6rwvQ4PbhCtPEBekQ docs,nixos-configuration',
    ],
  },
  {
    provider: 'SourceHut',
    hosts: ['git.sr.ht'],
    docs: 'https://man.sr.ht/git.sr.ht/#ssh-host-keys',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMZvRd4EtM7R+IHVMWmDkVU3VLQTSwQDSAvW0t2Tkj60 SHA256:WXXNZu0YyoE3KBl5qh4GsnF1vR0NeEPYJAiPME+P09g twinkle,nixos-configuration,srvos,known-git-hosts',
      'ecdsa-sha2-nistp256 AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBCj6y+cJlqK3BHZRLZuM+KP2zGPrh4H66DacfliU1E2DHAd1GGwF4g1jwu3L8gOZUTIvUptqWTkmglpYhFp4Iy4= SHA256:1nUUjsHH0qwfjI3dYFWlXTjPUP/Un1oo6wfu9YL8tCQ git-mirror-script,nixos-module,nixos-configuration',
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDZ+l/lvYmaeOAPeijHL8d4794Am0MOvmXPyvHTtrqvgmvCJB8pen/qkQX2S1fgl9VkMGSNxbp7NF7HmKgs5ajTGV9mB5A5zq+161lcp5+f1qmn3Dp1MWKp/AzejWXKW+dwPBd3kkudDBA1fa3uK6g1gK5nLw3qcuv/V4emX9zv3P2ZNlq9XRvBxGY2KzaCyCXVkL48RVTTJJnYbVdRuq8/jQkDRA8lHvGvKI+jqnljmZi2aIrK9OGT2gkCtfyTw2GvNDV6aZ0bEza7nDLU/I+xmByAOO79R1Uk4EYCvSc1WXDZqhiuO2sZRmVxa0pQSBDn1DB3rpvqPYW+UvKB3SOz SHA256:rvz/I0S1T/9If9+/CU0HDTF8AV4MPu5Gkkxsb7vUTH4 git-mirror-script,nixos-module,nixos-configuration',
    ],
  },
  {
    provider: 'Azure DevOps',
    hosts: ['ssh.dev.azure.com', 'vs-ssh.visualstudio.com'],
    docs: 'https://learn.microsoft.com/en-us/azure/devops/repos/git/use-ssh-keys-to-authenticate',
    keys: [
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQC7Hr1oTWqNqOlzGJOfGJ4NakVyIzf1rXYd4d7wo6jBlkLvCA4odBlL0mDUyZ0/QUfTTqeu+tm22gOsv+VrVTMk6vwRU75gY/y9ut5Mb3bR5BV58dKXyq9A9UeB5Cakehn5Zgm6x1mKoVyf+FFn26iYqXJRgzIZZcZ5V6hrE0Qg39kZm4az48o0AUbf6Sp4SLdvnuMa2sVNwHBboS7EJkm57XQPVU3/QpyNLHbWDdzwtrlS+ez30S3AdYhLKEOxAG8weOnyrtLJAUen9mTkol8oII1edf7mWWbWVf0nBmly21+nZcmCTISQBtdcyPaEno7fFQMDD26/s0lfKob4Kw8H SHA256:ohD8VZEXGWo6Ez8GSEJQ9WpafgLFsOfLOtGGQCQo6Og docs,argo-cd,twinkle,docs-issue,known-git-hosts',
    ],
  },
  {
    provider: 'Launchpad',
    hosts: ['git.launchpad.net'],
    docs: 'https://documentation.ubuntu.com/launchpad/user/reference/ssh-fingerprints',
    keys: [
      'ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABAQDEFREwBD2ye2Xrc2SVcUmmJ44MF1BCB3W11NTaiqzVj7XZnQmgWZk9UadHVY2wBXvelcDO51MPN5ozJjFAknw09rP7XMRJMlAOLSIVoU6DRF1u1j8kJVY+dfiDHheS7+siADnrmb8HGn2xQQ6EJDjAXrw1x58x5eZjQ0PFWdI+pRTdYGvWkpHdXKFO6a9/lDx4uo9MCnePEGi/QnkCmKqLCBUlYNZYRiB8nVee2tMF0mjV8xk1rJ+/UP+897+FXFR9w/B1EPRjiQ35ZNQZKPP4isxPtyMuCQkZY7ckWr5YsylNfvNcyGDnO1XazZhJ71rzDpi1RmnFXBW5i+2dm2y7 SHA256:UNOzlP66WpDuEo34Wgs8mewypV0UzqHLsIFoqwe8dYo docs,known-git-hosts',
    ],
  },
  {
    provider: 'GNU Savannah',
    hosts: ['git.savannah.gnu.org', 'git.savannah.nongnu.org', 'git.sv.gnu.org', 'git.sv.nongnu.org'],
    docs: 'https://savannah.gnu.org/maintenance/SshAccess/',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMnMLHxGS/b6Su98mL/J58FkpEJY/X1mONqhPBuFX5sJ SHA256:o/oI4CKKcWc4cZvDFEdmOXsE3tiPP8bWa04h4bQjtV4 docs,twinkle,known-git-hosts',
    ],
  },
  {
    provider: 'SourceForge',
    hosts: ['git.code.sf.net', 'svn.code.sf.net', 'hg.code.sf.net'],
    docs: 'https://sourceforge.net/p/forge/documentation/SSH%20Key%20Fingerprints/',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGObtXLh/mZom0pXjE5Mu211O+JvtzolqdNKVA+XJ466 SHA256:vDwNztsrZFViJXWpUTSKGo8cF6n79iKAURNiK68n/yE docs,twinkle,known-git-hosts',
    ],
  },
  {
    provider: 'GNOME',
    hosts: ['gitlab.gnome.org', 'ssh.gitlab.gnome.org'],
    docs: 'https://gitlab.gnome.org/help/instance_configuration',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHG6b3deoYMPwKEu9Sj+y6MBHYYUKQiAnta/go3aNv7R SHA256:Y9G4dWiIfi53LR3InJWsIbv4lekUHonq/HrqTTm/rcw twinkle,known-git-hosts',
    ],
  },
  {
    provider: 'KDE',
    hosts: ['invent.kde.org'],
    docs: 'https://community.kde.org/Infrastructure/Git',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMtd90DMLrtdCiapQK43JjwKk+U8egSXQU15fOJba1n SHA256:zHdK2R/S6s5Oj71N0s8LHWCXXsUt+DCztd+GjzW9KlU twinkle,known-git-hosts',
    ],
  },
  {
    provider: 'Gitee',
    hosts: ['gitee.com'],
    docs: 'https://help.gitee.com/account/gitees-ssh-key-fingerprints',
    keys: [
      'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEKxHSJ7084RmkJ4YdEi5tngynE8aZe2uEoVVsB/OvYN SHA256:+ULzij2u99B9eWYFTw1Q4ErYG/aepHLbu96PAUCoV88 twinkle,known-git-hosts',
    ],
  },
  ...CODECOMMIT.map(codeCommit),
]

/** Keys that their owners withdrew. */
export const REVOKED_KEYS: readonly RevokedKey[] = [
  {
    provider: 'GitHub',
    docs: 'https://github.blog/news-insights/company-news/we-updated-our-rsa-ssh-host-key/',
    key: 'ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEAq2A7hRGmdnm9tUDbO9IDSwBK6TbQa+PXYPCPy6rbTrTtw7PHkccKrpp0yVhp5HdEIcKr6pLlVDBfOLX9QUsyCOV0wzfjIJNlGEYsdlLJizHhbn2mUjvSAHQqZETYP81eFzLQNnPHt4EVVUh7VfDESU84KezmD5QlWpXLmvU31/yMf+Se8xhHTvKSCZIFImWwoG6mbUoWf9nzpIoaSjB+weqqUUmpaaasXVal72J+UX2B+2RPW3RcT0eOzQgqlJL3RKrTJvdsjE3JEAvGq3lGHSZXy28G3skua2SmVi/w4yCE6gbODqnTWlg7+wC604ydGXA8VJiS5ap43JXiUFFAaQ== SHA256:nThbg6kXUpJWGl7E1IGOCspRomTxdCARLviKw6E5SY8 gist,known_hosts.d,serokell,announcement',
    reason: 'replaced on 2023-03-24, because its private half had been published by mistake',
  },
  {
    provider: 'Bitbucket Cloud',
    docs: 'https://bitbucket.org/blog/ssh-host-key-changes',
    key: 'ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEAubiN81eDcafrgMeLzaFPsw2kNvEcqTKl/VqLat/MaB33pZy0y3rJZtnqwR2qOOvbwKZYKiEO1O6VqNEBxKvJJelCq0dTXWT5pbO2gDXC6h6QDXCaHo6pOHGPUy+YBaGQRGuSusMEASYiWunYN0vCAI8QaXnWMXNMdFP3jHAJH0eDsoiGnLPBlBp4TNm6rYI74nMzgz3B9IikW4WVK+dc8KZJZWYjAuORU3jc1c/NPskD2ASinf8v3xnfXeukU0sJ5N6m5E8VLjObPEO+mN2t/FZTMZLiFqPWc/ALSqnMnnhwrNi2rbfg/rd/IpL8Le3pSBne8+seeFVBoGqzHM9yXw== SHA256:zzXQOXSRBEiUtuE8AikJYKwbHaxvSc0ojez9YXaGp1A argo-cd,gist,announcement',
    reason: 'replaced on 2023-06-20, because copies of its private half were at a vendor that was broken into',
  },
]
