import ts from "typescript";

/** Fields and variables that hold a secret, a code, a tag or a digest of secrets, by the last word of their name. */
const secretBytes =
  /(^|[a-z])(password|passwordHash|pin|secret|mac|macData|macSignature|tag|ticketValue|correlationValue|nonce|nonceValue|digest|seal|sealed|keyMaterial|plaintext|plain|expected|value|verifier|salt|s1|s2)$/i;

/** The same as far as texts and numbers by these names are no kinds, tags of an encoding or names of hash functions. */
const secretTexts =
  /(^|[a-z])(password|passwordHash|hashedPassword|oneTimePassword|pin|secret|macData|macSignature|ticketValue|correlationValue|nonceValue)$/i;

const comparisons: ReadonlySet<ts.SyntaxKind> = new Set([
  ts.SyntaxKind.EqualsEqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsEqualsToken,
  ts.SyntaxKind.EqualsEqualsToken,
  ts.SyntaxKind.ExclamationEqualsToken,
]);

/** Whether a node compares secrets in a way that ends where they differ. */
export function comparesSecrets(node: ts.Node): boolean {
  if (ts.isBinaryExpression(node)) {
    const sides = [node.left, node.right];
    if (!comparisons.has(node.operatorToken.kind) || sides.some(isPlain)) return false;
    return sides.some((side) => secretTexts.test(nameOf(side)));
  }
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return false;
  const { name, expression } = node.expression;
  if (!["equals", "compare", "localeCompare"].includes(name.text)) return false;
  return [expression, ...node.arguments].some((side) => secretBytes.test(nameOf(side)));
}

/** What is known to everybody: literals, undefined, null, members of enumerations and lengths. */
function isPlain(side: ts.Expression): boolean {
  if (ts.isLiteralExpression(side) || ts.isTypeOfExpression(side) || ts.isPrefixUnaryExpression(side)) return true;
  if ([ts.SyntaxKind.NullKeyword, ts.SyntaxKind.TrueKeyword, ts.SyntaxKind.FalseKeyword].includes(side.kind))
    return true;
  if (ts.isIdentifier(side) && side.text === "undefined") return true;
  return ts.isPropertyAccessExpression(side) && (side.name.text === "length" || /^[A-Z]/.test(side.getText()));
}

/** The name that an expression goes by: of a variable, of the last field, of the function that was called. */
function nameOf(side: ts.Expression): string {
  if (ts.isIdentifier(side)) return side.text;
  if (ts.isPropertyAccessExpression(side)) return side.name.text;
  if (ts.isCallExpression(side)) return nameOf(side.expression);
  if (ts.isNonNullExpression(side) || ts.isParenthesizedExpression(side) || ts.isAwaitExpression(side)) {
    return nameOf(side.expression);
  }
  return "";
}
