import ts from 'typescript';

/** One change to a TypeScript file: an expression that becomes another one, or a statement that is left out. */
export interface CoreMutant {
  /** Range of the text that is replaced. */
  readonly start: number;
  readonly end: number;
  /** Expression in its place; null: the statement is left out. */
  readonly replacement: string | null;
  /** From 1. */
  readonly line: number;
  /** The innermost named function or class around it. */
  readonly inside: string;
  /** The line, with what differs as `⟦before→after⟧`. */
  readonly shown: string;
}

const operators: ReadonlyMap<ts.SyntaxKind, readonly string[]> = new Map([
  [ts.SyntaxKind.PlusToken, ['-']],
  [ts.SyntaxKind.MinusToken, ['+']],
  [ts.SyntaxKind.AsteriskToken, ['/']],
  [ts.SyntaxKind.SlashToken, ['*']],
  [ts.SyntaxKind.PercentToken, ['*']],
  [ts.SyntaxKind.AsteriskAsteriskToken, ['*']],
  [ts.SyntaxKind.LessThanToken, ['<=', '>=']],
  [ts.SyntaxKind.LessThanEqualsToken, ['<', '>']],
  [ts.SyntaxKind.GreaterThanToken, ['>=', '<=']],
  [ts.SyntaxKind.GreaterThanEqualsToken, ['>', '<']],
  [ts.SyntaxKind.EqualsEqualsEqualsToken, ['!==']],
  [ts.SyntaxKind.ExclamationEqualsEqualsToken, ['===']],
  [ts.SyntaxKind.AmpersandAmpersandToken, ['||']],
  [ts.SyntaxKind.BarBarToken, ['&&']],
  [ts.SyntaxKind.LessThanLessThanToken, ['>>']],
  [ts.SyntaxKind.GreaterThanGreaterThanToken, ['<<']],
  [ts.SyntaxKind.GreaterThanGreaterThanGreaterThanToken, ['<<']],
  [ts.SyntaxKind.AmpersandToken, ['|']],
  [ts.SyntaxKind.BarToken, ['&']],
  [ts.SyntaxKind.CaretToken, ['&']],
  [ts.SyntaxKind.PlusEqualsToken, ['-=']],
  [ts.SyntaxKind.MinusEqualsToken, ['+=']],
  [ts.SyntaxKind.AsteriskEqualsToken, ['/=']],
]);

const methods: ReadonlyMap<string, string> = new Map([
  ['min', 'max'],
  ['max', 'min'],
  ['floor', 'ceil'],
  ['ceil', 'floor'],
  ['round', 'floor'],
  ['some', 'every'],
  ['every', 'some'],
]);

/** Calls that give a list, and without which there is a list as well. */
const leftOut: ReadonlySet<string> = new Set(['filter', 'sort', 'toSorted', 'reverse', 'slice']);

/**
 * All changes of one operator, condition, number, flag or call of a file that make sense. Not in types,
 * and not in what only tells a user or ourselves that something is wrong: arguments of `fail`, and
 * `invariant` altogether, which says what never happens.
 */
export function mutantsOfTypeScript(name: string, text: string): readonly CoreMutant[] {
  const source = ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true);
  const found: CoreMutant[] = [];

  /** `mark`: what differs, where that is less than what is replaced. */
  const add = (
    node: ts.Node,
    replacement: string | null,
    mark: { readonly node: ts.Node; readonly after: string } = {
      node,
      after: replacement ?? '',
    },
  ): void => {
    const start = node.getStart(source);
    const { line } = source.getLineAndCharacterOfPosition(mark.node.getStart(source));
    found.push({
      ...{ start, end: node.getEnd(), replacement, line: line + 1, inside: nameAround(node) },
      shown: shownChange(source, mark.node, mark.after),
    });
  };
  /** The node with a part of it replaced. */
  const addPart = (node: ts.Node, part: ts.Node, after: string): void => {
    const start = node.getStart(source);
    const before = text.slice(start, part.getStart(source));
    add(node, before + after + text.slice(part.getEnd(), node.getEnd()), { node: part, after });
  };

  const visit = (node: ts.Node): void => {
    if (ts.isTypeNode(node) || isDeclarationOfTypes(node) || isReport(node)) return;
    if (isTypesFallback(node)) {
      ts.forEachChild(node.left, visit);
      return;
    }
    if (ts.isBinaryExpression(node)) binary(node);
    else if (ts.isIfStatement(node)) condition(node.expression);
    else if (ts.isConditionalExpression(node)) condition(node.condition);
    else if (ts.isNumericLiteral(node)) number(node);
    else if (ts.isPrefixUnaryExpression(node)) prefix(node);
    else if (node.kind === ts.SyntaxKind.TrueKeyword) add(node, 'false');
    else if (node.kind === ts.SyntaxKind.FalseKeyword) add(node, 'true');
    else if (ts.isCallExpression(node)) call(node);
    else if (ts.isExpressionStatement(node) || ts.isContinueStatement(node)) add(node, null);
    ts.forEachChild(node, visit);
  };
  const binary = (node: ts.BinaryExpression): void => {
    const { operatorToken } = node;
    // without this a loop ends at its limit of calls only
    if (ts.isForStatement(node.parent) && node.parent.incrementor === node) return;
    if (isText(node.left) || isText(node.right)) return;
    for (const after of operators.get(operatorToken.kind) ?? []) {
      addPart(node, operatorToken, after);
    }
    if (operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken) {
      // what stands for what is absent alone
      add(node, node.left.getText(source), { node: operatorToken, after: '(left alone)' });
    }
  };
  const condition = (node: ts.Expression): void => {
    add(node, 'true');
    add(node, 'false');
  };
  const number = (node: ts.NumericLiteral): void => {
    const { parent } = node;
    if (ts.isPropertyAssignment(parent) && parent.name === node) return;
    add(node, String(Number(node.text.replaceAll('_', '')) + 1));
  };
  const prefix = (node: ts.PrefixUnaryExpression): void => {
    if (ts.isNumericLiteral(node.operand)) return;
    const sign = node.operator;
    if (sign !== ts.SyntaxKind.ExclamationToken && sign !== ts.SyntaxKind.MinusToken) return;
    add(node, node.operand.getText(source));
  };
  const call = (node: ts.CallExpression): void => {
    const { expression } = node;
    if (!ts.isPropertyAccessExpression(expression)) return;
    const method = expression.name.text;
    const other = methods.get(method);
    if (other !== undefined) addPart(node, expression.name, other);
    // without the call a chain of `?.` would be another one
    if (!leftOut.has(method) || /\?\./.test(node.getText(source))) return;
    if (method === 'slice' && node.arguments.length === 0) return;
    add(node, expression.expression.getText(source), {
      node: expression.name,
      after: '(no call)',
    });
  };
  visit(source);
  return numbered(found);
}

/** Changes that look the same in the same function get a number. */
function numbered(found: readonly CoreMutant[]): readonly CoreMutant[] {
  const times = new Map<string, number>();
  return found.map((mutant) => {
    const name = `${mutant.inside} ${mutant.shown}`;
    const time = (times.get(name) ?? 0) + 1;
    times.set(name, time);
    return time === 1 ? mutant : { ...mutant, shown: `${mutant.shown} #${time}` };
  });
}

/**
 * `values[index] ?? 0`: types ask for a number where there is always one. Only with a key that is
 * computed: what a name leads to may well be absent.
 */
function isTypesFallback(node: ts.Node): node is ts.BinaryExpression {
  return (
    ts.isBinaryExpression(node) &&
    node.operatorToken.kind === ts.SyntaxKind.QuestionQuestionToken &&
    ts.isElementAccessExpression(node.left) &&
    !ts.isStringLiteralLike(node.left.argumentExpression) &&
    (ts.isLiteralExpression(node.right) || ts.isPrefixUnaryExpression(node.right))
  );
}

function isDeclarationOfTypes(node: ts.Node): boolean {
  return (
    ts.isImportDeclaration(node) ||
    ts.isExportDeclaration(node) ||
    ts.isInterfaceDeclaration(node) ||
    ts.isTypeAliasDeclaration(node)
  );
}

/** What tells of a mistake. */
function isReport(node: ts.Node): boolean {
  const { parent } = node;
  const isCall = (call: ts.Node, names: readonly string[]): boolean =>
    ts.isCallExpression(call) &&
    ts.isIdentifier(call.expression) &&
    names.includes(call.expression.text);
  if (ts.isExpressionStatement(node)) return isCall(node.expression, ['invariant', 'unreachable']);
  if (isCall(node, ['invariant', 'unreachable'])) return true;
  return (
    ts.isExpression(node) &&
    ts.isCallExpression(parent) &&
    isCall(parent, ['fail']) &&
    parent.expression !== node
  );
}

function isText(node: ts.Expression): boolean {
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    return isText(node.left) || isText(node.right);
  }
  return ts.isStringLiteralLike(node) || ts.isTemplateExpression(node);
}

function nameAround(node: ts.Node): string {
  for (let around = node.parent; !ts.isSourceFile(around); around = around.parent) {
    const name = nameOfDeclaration(around);
    if (name !== null) return name;
  }
  return '';
}

function nameOfDeclaration(node: ts.Node): string | null {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  if (
    ts.isFunctionDeclaration(node) ||
    ts.isMethodDeclaration(node) ||
    ts.isGetAccessor(node) ||
    ts.isClassDeclaration(node)
  ) {
    return node.name?.getText() ?? null;
  }
  const isOfFile = ts.isVariableDeclaration(node) && ts.isSourceFile(node.parent.parent.parent);
  return isOfFile ? node.name.getText() : null;
}

/** The lines of a node as one, with the change in it. */
function shownChange(source: ts.SourceFile, node: ts.Node, after: string): string {
  const { text } = source;
  const start = node.getStart(source);
  const end = node.getEnd();
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const to = text.indexOf('\n', end);
  const before = text.slice(from, start);
  const behind = text.slice(end, to < 0 ? text.length : to);
  const marked = `${before}⟦${text.slice(start, end)}→${after}⟧${behind}`;
  return marked.replaceAll(/\s+/g, ' ').trim();
}
