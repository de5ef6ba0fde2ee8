// Settings for oidc-provider with its device flow on.  Pages and protocol are all the package's own:
// devInteractions are its sign-in and consent pages, which take any password.
import Provider from 'oidc-provider'

const port = Number(process.env.PORT)
const issuer = `http://127.0.0.1:${port}`
const deviceCode = 'urn:ietf:params:oauth:grant-type:device_code'

const device = (client_id, client_name, more = {}) => ({
  client_id,
  client_name,
  grant_types: [deviceCode, 'refresh_token'],
  response_types: [],
  redirect_uris: [],
  application_type: 'native',
  token_endpoint_auth_method: 'none',
  ...more,
})

const names = { alice: 'Alice Appleyard', bob: 'Bob Brightwater' }

const provider = new Provider(issuer, {
  clients: [
    device('tv', 'Living Room TV'),
    device('radio', 'Kitchen Radio'),
    device('kiosk', 'Lobby Kiosk', {
      client_secret: 'example-kiosk-secret-for-loopback',
      application_type: 'web',
      token_endpoint_auth_method: 'client_secret_basic',
    }),
    {
      client_id: 'web-only',
      client_name: 'Web Shop',
      redirect_uris: ['https://shop.example/callback'],
      grant_types: ['authorization_code'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
    },
  ],
  features: { deviceFlow: { enabled: true }, devInteractions: { enabled: true } },
  scopes: ['openid', 'offline_access', 'profile', 'email'],
  claims: { openid: ['sub'], profile: ['name'], email: ['email'] },
  ttl: { DeviceCode: Number(process.env.TTL) },
  findAccount: (_context, id) => ({
    accountId: id,
    claims: () => ({ sub: id, name: names[id] ?? id, email: `${id}@people.example` }),
  }),
})

const server = provider.listen(port, '127.0.0.1', () => console.log(`READY ${issuer}`))
server.on('error', (problem) => {
  console.error(`cannot listen on port ${port}: ${problem.code}`)
  process.exit(1)
})
