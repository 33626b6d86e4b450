type Child = Node | string;
type Attributes = Readonly<Record<string, string | boolean>>;

/**
 * An element with attributes (`true`: there, `false`: not) and children. Text becomes text nodes, never
 * markup: names and logs may hold anything.
 */
export function element<Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === true) made.setAttribute(name, '');
    else if (value !== false) made.setAttribute(name, value);
  }
  made.append(...children);
  return made;
}

/** A part of the page that is there from the start. */
export function part<Kind extends HTMLElement>(id: string, kind: new () => Kind): Kind {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`the page has no ${id}`);
  return found;
}

export function button(text: string, attributes: Attributes, act: () => void): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, text);
  made.addEventListener('click', act);
  return made;
}

/** The chosen value, or the one given where it is none of the options; keeps what was chosen before. */
export function fillSelect(
  select: HTMLSelectElement,
  options: readonly { readonly value: string; readonly text: string }[],
  initial: string,
): string {
  const before = select.options.length === 0 ? initial : select.value;
  const same =
    options.length === select.options.length &&
    options.every(
      ({ value, text }, index) =>
        select.options[index]?.value === value && select.options[index].text === text,
    );
  if (!same) {
    select.replaceChildren(...options.map(({ value, text }) => element('option', { value }, text)));
    select.value = options.some(({ value }) => value === before)
      ? before
      : (options[0]?.value ?? '');
  }
  return select.value;
}
