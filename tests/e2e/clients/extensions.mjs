// @heroku/mcp-server imports files of its SDK without their ending, which Node refuses. With this
// (node --import) the server starts as it is published.
import { register } from 'node:module';

const hook = `
export async function resolve(specifier, context, next) {
  try {
    return await next(specifier, context);
  } catch (error) {
    if (!specifier.startsWith('@modelcontextprotocol/')) throw error;
    return next(specifier + '.js', context);
  }
}`;
register(`data:text/javascript,${encodeURIComponent(hook)}`);
