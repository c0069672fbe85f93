/** What interpolation needs of a field. */
export interface Field<Element> {
  readonly one: Element;
  multiply(one: Element, other: Element): Element;
  subtract(one: Element, other: Element): Element;
  /** The inverse of an element that is not zero. */
  inverse(element: Element): Element;
}

/** The products of all elements but one, by the place of the one left out. */
function productsWithout<Element>({ one, multiply }: Field<Element>, elements: readonly Element[]): Element[] {
  const products: Element[] = [];
  let before = one;
  for (const element of elements) {
    products.push(before);
    before = multiply(before, element);
  }
  let behind = one;
  for (let place = elements.length - 1; place >= 0; place -= 1) {
    products[place] = multiply(products[place] ?? one, behind);
    behind = multiply(behind, elements[place] ?? one);
  }
  return products;
}

/** The inverses of elements that are not zero, at the price of one inversion. */
function inverses<Element>(field: Field<Element>, elements: readonly Element[]): Element[] {
  const all = field.inverse(elements.reduce((product, element) => field.multiply(product, element), field.one));
  return productsWithout(field, elements).map((product) => field.multiply(product, all));
}

/**
 * What each value of a polynomial at different places counts for in its value elsewhere (Lagrange). Preparing it takes
 * work in the square of the number of places; each place asked for then takes work in their number. Places are no secret.
 */
export function lagrange<Element>(
  field: Field<Element>,
  places: readonly Element[],
): (at: Element) => readonly Element[] {
  const { one, multiply, subtract } = field;
  const divisors = places.map((place, which) =>
    places.reduce(
      (product, other, index) => (index === which ? product : multiply(product, subtract(place, other))),
      one,
    ),
  );
  const weights = inverses(field, divisors);
  return (at) => {
    const distances = places.map((place) => subtract(at, place));
    return productsWithout(field, distances).map((product, which) => multiply(product, weights[which] ?? one));
  };
}
