// Drives a platform with the npm package heroku-client and prints what it found as JSON.
const Heroku = require('heroku-client');

const heroku = new Heroku({ token: process.env.HEROKU_API_KEY, host: process.env.HEROKU_HOST });

async function main(app) {
  const found = {};
  found.account = (await heroku.get('/account')).email;
  found.apps = (await heroku.get('/apps')).map((one) => one.name);
  found.app = (await heroku.get(`/apps/${app}`)).name;
  await heroku.patch(`/apps/${app}/config-vars`, { body: { FROM_NODE: '1' } });
  found.config = await heroku.get(`/apps/${app}/config-vars`);
  found.formation = (await heroku.get(`/apps/${app}/formation`)).map((one) => one.type);
  found.releases = (await heroku.get(`/apps/${app}/releases`)).length;
  const made = await heroku.post('/apps', { body: {} });
  found.destroyed = (await heroku.delete(`/apps/${made.name}`)).name === made.name;
  try {
    await heroku.get('/apps/no-such-app-here');
  } catch (error) {
    found.missing = { status: error.statusCode, id: error.body.id };
  }
  console.log(JSON.stringify(found));
}

main(process.argv[2]).catch((error) => {
  console.error(error);
  process.exit(1);
});
